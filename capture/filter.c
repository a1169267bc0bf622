#include "capture/filter.h"

#include "capture/source_impl.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

static int
no_memory(struct err *err)
{
	return err_set(err, -ENOMEM, "no memory for the filter");
}

int
filter_check(const char *text, uint16_t link_type, struct err *err)
{
	struct bpf_program *program;
	int rc = source_libpcap(err);
	pcap_t *p;

	if (rc < 0)
		return rc;
	p = pcap_open_dead(source_dlt(link_type), SOURCE_SNAPLEN);
	if (p == NULL)
		return no_memory(err);
	rc = filter_compile(p, text, &program, err);
	if (rc == 0)
		filter_discard(program);
	pcap_close(p);
	return rc;
}

int
filter_compile(
    pcap_t *p, const char *text, struct bpf_program **ret, struct err *err)
{
	struct bpf_program *program = malloc(sizeof *program);

	if (program == NULL)
		return no_memory(err);
	if (pcap_compile(p, program, text, 1, PCAP_NETMASK_UNKNOWN) < 0) {
		free(program);
		return err_set(err, -EINVAL, "filter: %s", pcap_geterr(p));
	}
	*ret = program;
	return 0;
}

void
filter_discard(struct bpf_program *program)
{
	if (program == NULL)
		return;
	pcap_freecode(program);
	free(program);
}

/* ---- for packets of any link types ---- */

struct filter {
	char *text;
	struct entry {
		uint16_t link_type;
		struct bpf_program *program; /* NULL: refused there */
	} * entries;
	size_t count;
};

struct filter *
filter_new(const char *text)
{
	struct filter *f = calloc(1, sizeof *f);

	if (f == NULL || (f->text = strdup(text)) == NULL) {
		free(f);
		return NULL;
	}
	return f;
}

void
filter_free(struct filter *f)
{
	if (f == NULL)
		return;
	for (size_t i = 0; i < f->count; i++)
		filter_discard(f->entries[i].program);
	free(f->entries);
	free(f->text);
	free(f);
}

static struct bpf_program *
compile_for(const struct filter *f, uint16_t link_type)
{
	struct bpf_program *program = NULL;
	pcap_t *p;

	if (source_libpcap(NULL) < 0)
		return NULL;
	p = pcap_open_dead(source_dlt(link_type), SOURCE_CAP_MAX);
	if (p == NULL)
		return NULL;
	if (filter_compile(p, f->text, &program, NULL) < 0)
		program = NULL;
	pcap_close(p);
	return program;
}

/* NULL: no memory. */
static const struct entry *
entry_for(struct filter *f, uint16_t link_type)
{
	struct entry *e;

	for (size_t i = 0; i < f->count; i++)
		if (f->entries[i].link_type == link_type)
			return &f->entries[i];
	e = realloc(f->entries, (f->count + 1) * sizeof *e);
	if (e == NULL)
		return NULL;
	f->entries = e;
	e += f->count++;
	e->link_type = link_type;
	e->program = compile_for(f, link_type);
	return e;
}

bool
filter_match(struct filter *f, const struct packet *p)
{
	const struct entry *e = entry_for(f, p->link_type);
	struct pcap_pkthdr h = {.caplen = p->cap_len, .len = p->wire_len};

	return e != NULL && e->program != NULL &&
	       pcap_offline_filter(e->program, &h, p->data) != 0;
}
