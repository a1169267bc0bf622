#include "capture/filter.h"

#include "capture/source_impl.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>

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
		filter_free(program);
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
filter_free(struct bpf_program *program)
{
	if (program == NULL)
		return;
	pcap_freecode(program);
	free(program);
}
