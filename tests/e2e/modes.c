#include "tests/e2e/modes.h"

static const struct {
	int mode;
	bool at_rest;
} known[] = {
    {1, false}, /* application cursor keys */
    {7, true}, /* autowrap */
    {25, true}, /* cursor visible */
    {47, false}, /* alternate screen, three ways */
    {1047, false}, {1049, false}, {9, false}, /* mouse reports, by event */
    {1000, false}, {1002, false}, {1003, false},
    {1004, false}, /* focus reports */
    {1005, false}, /* mouse reports, by encoding */
    {1006, false}, {1015, false}, {2004, false}, /* bracketed paste */
};
enum { KNOWN = sizeof known / sizeof *known };

void
modes_init(struct modes *m)
{
	*m = (struct modes){.at = MODES_TEXT};
	for (int i = 0; i < KNOWN; i++)
		if (known[i].at_rest)
			m->on |= 1u << i;
}

static void
apply(struct modes *m, bool on)
{
	for (int a = 0; a < m->args; a++)
		for (int i = 0; i < KNOWN; i++)
			if (known[i].mode == m->arg[a])
				m->on = (m->on & ~(1u << i)) | (uint32_t)on
								   << i;
}

static void
private_byte(struct modes *m, char c)
{
	const int last = (int)(sizeof m->arg / sizeof *m->arg);

	if (c >= '0' && c <= '9' && m->arg[m->args - 1] < 10000) {
		m->arg[m->args - 1] = m->arg[m->args - 1] * 10 + (c - '0');
		return;
	}
	if (c == ';' && m->args < last) {
		m->arg[m->args++] = 0;
		return;
	}
	if (c == 'h' || c == 'l')
		apply(m, c == 'h');
	m->at = MODES_TEXT;
}

static void
escape_byte(struct modes *m, char c)
{
	m->at = MODES_TEXT;
	if (c == '[')
		m->at = MODES_CSI;
	else if (c == 'c') /* RIS, full reset */
		modes_init(m);
	else if (c == '=' || c == '>')
		m->keypad = c == '=';
}

void
modes_feed(struct modes *m, const char *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] == '\033') {
			m->at = MODES_ESC;
			continue;
		}
		switch (m->at) {
		case MODES_TEXT:
			break;
		case MODES_ESC:
			escape_byte(m, bytes[i]);
			break;
		case MODES_CSI:
			m->at = bytes[i] == '?' ? MODES_PRIVATE : MODES_TEXT;
			m->args = 1;
			m->arg[0] = 0;
			break;
		case MODES_PRIVATE:
			private_byte(m, bytes[i]);
			break;
		}
	}
}

bool
modes_on(const struct modes *m, int mode)
{
	for (int i = 0; i < KNOWN; i++)
		if (known[i].mode == mode)
			return m->on >> i & 1;
	return false;
}

int
modes_changed(const struct modes *m)
{
	for (int i = 0; i < KNOWN; i++)
		if ((m->on >> i & 1) != known[i].at_rest)
			return known[i].mode;
	return m->keypad ? 0 : -1;
}
