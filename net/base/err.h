/*
 * net/base/err.h - a sentence for a person, beside the code for the program.
 *
 * Functions return 0 or -errno. Where a person will read the failure, the last
 * parameter is a struct err that receives one sentence: what was wrong, where,
 * and what to do. It may be NULL when nobody will read it.
 *
 * Thread: any (no shared state).  Blocks: never.
 */
#ifndef SOCKDECK_NET_BASE_ERR_H
#define SOCKDECK_NET_BASE_ERR_H

#define ERR_MAX 512

struct err {
	char text[ERR_MAX];
};

/*
 * Write the sentence (cut at ERR_MAX) and hand the code back, so that a failing
 * function can `return err_set(err, -EINVAL, "...", ...)`.
 */
int err_set(struct err *err, int code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* "ECONNREFUSED" for 111 or -111; "E?" for a number that has no name. */
const char *err_name(int code);

#endif
