/*
 * capture/prefault.h - pages made ready before they are filled.
 *
 * The kernel clears a page when it is touched first. Whoever fills a table as
 * fast as packets come spends a fifth of the time waiting for that; the thread
 * which reads the packets is ahead, and has the time.
 *
 * Not huge pages, which would be cleared with one fault: where the host of a
 * virtual machine takes back free memory it takes that by large blocks, and to
 * get one again takes ten times as long as to clear it.
 *
 * Owns:   nothing: the table is the filler's.
 * Thread: prefault_table() and prefault_help() by who fills it,
 *         prefault_reach() by one other.
 * Blocks: while what is asked for is cleared, by oneself or the other.
 * Before Linux 5.14 nothing happens: pages_touch().
 */
#ifndef SOCKDECK_CAPTURE_PREFAULT_H
#define SOCKDECK_CAPTURE_PREFAULT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that are cleared at a time. */
#define PREFAULT_PIECE ((size_t)256 << 10)

struct prefault {
	pthread_mutex_t lock;
	uint8_t *table; /* NULL: none */
	size_t size, entry_size, ready; /* bytes */
	/* entries */
	_Atomic uint64_t wanted;
	_Atomic uint64_t enough; /* are ready: to ask for more takes the lock */
};

void prefault_init(struct prefault *p);
void prefault_done(struct prefault *p);
/*
 * A table of so many bytes, which begins with a page and is filled entry by
 * entry. NULL: none; the one before is left alone as soon as this returns, and
 * must not move or go earlier.
 */
void prefault_table(
    struct prefault *p, void *table, size_t size, size_t entry_size);
/* So many entries will be filled soon. */
void prefault_reach(struct prefault *p, uint64_t entries);
/* A little more than that, by who fills them and has to wait for packets: in a
 * time that is lost anyhow. False: it is enough. */
bool prefault_help(struct prefault *p);

#endif
