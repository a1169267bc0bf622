/*
 * net/base/inline.h - what the compiler is told of functions on a fast path.
 */
#ifndef SOCKDECK_NET_BASE_INLINE_H
#define SOCKDECK_NET_BASE_INLINE_H

/* Part of each caller, however large. */
#define INLINE static inline __attribute__((always_inline))
/* Never part of its caller, which needs fewer registers then. */
#define APART __attribute__((noinline))
/* The same, and hardly ever called. */
#define COLD __attribute__((noinline, cold))

#endif
