/*
 * net/trace_decode.h - the system calls of another program as call records.
 *
 * What was called with which registers, and a way to read the caller's memory,
 * go in; a struct call comes out. Which of its sockets a descriptor stands for
 * is the tracer's business (net/trace_socks.h).
 *
 * Nothing in that memory is trusted: a length is what could be read, at most
 * what there is room for, and an address that is too short for its family is
 * none.
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 * Source: the man page of each call; x86_64, aarch64 and riscv64 have the same
 *         little-endian layout of struct msghdr, iovec and mmsghdr.
 */
#ifndef SOCKDECK_NET_TRACE_DECODE_H
#define SOCKDECK_NET_TRACE_DECODE_H

#include "net/call.h"

enum trace_op {
	TRACE_NONE, /* not a call that is traced */
	TRACE_SOCKET,
	TRACE_BIND,
	TRACE_LISTEN,
	TRACE_ACCEPT,
	TRACE_CONNECT,
	TRACE_SENDTO,
	TRACE_SENDMSG,
	TRACE_SENDMMSG,
	TRACE_WRITE,
	TRACE_WRITEV,
	TRACE_SENDFILE,
	TRACE_RECVFROM,
	TRACE_RECVMSG,
	TRACE_RECVMMSG,
	TRACE_READ,
	TRACE_READV,
	TRACE_SHUTDOWN,
	TRACE_CLOSE,
	TRACE_SETSOCKOPT,
	TRACE_GETSOCKOPT,
	TRACE_EPOLL_WAIT,
	TRACE_DUP, /* any call that gives a descriptor a second number */
};

/* A system call of this machine that is traced. */
struct trace_number {
	int nr;
	enum trace_op op;
};

/* All of them, for the filter. */
const struct trace_number *trace_numbers(size_t *ret_count);
enum trace_op trace_op(uint64_t nr);

/* Another program's memory: copy up to n bytes at an address of its own.
 * Returns how many could be read. */
struct trace_mem {
	size_t (*read)(void *arg, uint64_t at, void *dst, size_t n);
	void *arg;
};

/*
 * The call is about to be made: kind, fd, arguments, the bytes to be sent.
 *   stream  the socket has no messages: reading 0 bytes is its end
 * c's socket, local and peer are set; peer is changed where the call names one.
 */
void trace_entry(enum trace_op op, const uint64_t args[6], bool stream,
    const struct trace_mem *m, struct call *c);

/*
 * The call has returned rval (-errno: it failed): result, error, the bytes that
 * it received and from whom. c is what trace_entry() left.
 */
void trace_exit(enum trace_op op, const uint64_t args[6], int64_t rval,
    const struct trace_mem *m, struct call *c);

#endif
