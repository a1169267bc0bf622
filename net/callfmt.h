/*
 * net/callfmt.h - a traced call in the words of a listing.
 *
 *   socket(AF_INET, SOCK_STREAM, 0) = 5      bind(127.0.0.1:65432) = 0
 *   accept() = 6 from 127.0.0.1:49152        recv(4096) = 0  (peer closed)
 *   connect(127.0.0.1:5999) = ECONNREFUSED   listen(5) = 0
 *
 * Owns:   nothing.  Thread: any.  Blocks: never.
 */
#ifndef SOCKDECK_NET_CALLFMT_H
#define SOCKDECK_NET_CALLFMT_H

#include "net/call.h"

#define CALLFMT_MAX 384

/* The system call's own name, which for bytes out and in may be any of
 * send(), write(), sendmmsg() ... */
const char *callfmt_verb(const struct call *c);
/* The whole call: verb, arguments and, when done, result. */
const char *callfmt(char dst[CALLFMT_MAX], const struct call *c);
/* Verb and arguments: "bind(127.0.0.1:65432)". */
const char *callfmt_args(char dst[CALLFMT_MAX], const struct call *c);
/* "5", "ECONNREFUSED"; "" while running. */
const char *callfmt_result(char dst[CALLFMT_MAX], const struct call *c);
/* What the result means here: "the peer closed", "took 5 of 13"; or "". */
const char *callfmt_meaning(char dst[CALLFMT_MAX], const struct call *c);
/* What its maker has to learn, in a sentence or two; or "". */
const char *callfmt_lesson(const struct call *c);
/* Does it carry data that a listing shows on a line of its own? What is to be
 * sent is known before the call is made. */
bool callfmt_has_data(const struct call *c);

#endif
