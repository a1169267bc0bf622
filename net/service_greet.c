/*
 * The first servers of a course:
 *   hello  says "Hello ADDRESS" and closes
 *   greet  asks for a name, answers "Hello NAME", closes
 *   reply  welcomes, then answers "OK..." and what came
 */
#include "net/services.h"

static enum service_verdict
hello_open(struct session *n)
{
	char text[ADDR_TEXT_MAX];

	buf_printf(&n->out, "Hello %s\n", addr_format(text, &n->peer));
	return SERVICE_CLOSE;
}

const struct service service_hello = {
    .name = "hello",
    .summary = "says \"Hello ADDRESS\" and closes",
    .port = 65433,
    .stream = true,
    .on_open = hello_open,
};

static enum service_verdict
greet_open(struct session *n)
{
	buf_printf(&n->out, "The greeting server\nWhat is your name? ");
	return SERVICE_GO_ON;
}

/* What one recv() brings is taken for the whole name, as the textbook does. */
static enum service_verdict
greet_bytes(struct session *n, const uint8_t *data, size_t len)
{
	size_t name_len = service_without_ending(data, len);

	buf_printf(&n->out, "Hello ");
	buf_add(&n->out, data, name_len);
	buf_printf(&n->out, "\n");
	return SERVICE_CLOSE;
}

const struct service service_greet = {
    .name = "greet",
    .summary = "asks for a name, says \"Hello NAME\" and closes",
    .port = 65434,
    .stream = true,
    .on_open = greet_open,
    .on_bytes = greet_bytes,
};

static enum service_verdict
reply_open(struct session *n)
{
	buf_printf(&n->out, "Welcome to the server. Say something.\n");
	return SERVICE_GO_ON;
}

static enum service_verdict
reply_bytes(struct session *n, const uint8_t *data, size_t len)
{
	buf_printf(&n->out, "OK...");
	buf_add(&n->out, data, len);
	return SERVICE_GO_ON;
}

const struct service service_reply = {
    .name = "reply",
    .summary = "welcomes, then answers \"OK...\" and what came",
    .port = 65435,
    .stream = true,
    .on_open = reply_open,
    .on_bytes = reply_bytes,
};
