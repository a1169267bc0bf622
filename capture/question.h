/*
 * capture/question.h - which packet asked what this one answers.
 *
 * An echo reply of ICMP answers the request with its identifier and number
 * (RFC 792, RFC 4443 s4.2), a response of DNS over UDP the query with its
 * transaction number (RFC 1035 s4.1.1). Each question has one answer: what
 * comes after that was not asked for.
 *
 * Owns:   nothing.  Thread: main.  Blocks: never.
 * Bounds: on demand, the constants below.
 */
#ifndef SOCKDECK_CAPTURE_QUESTION_H
#define SOCKDECK_CAPTURE_QUESTION_H

#include "capture/dissect.h"
#include "capture/store.h"

#define QUESTION_BACK 4096 /* packets searched for a request, */
#define QUESTION_LOOKS 256 /* and those of its protocol, or conversation */
#define QUESTION_TRIES 16 /* the last of them are looked at */
/* A query that comes again so soon is the same question, not a new one: so
 * Wireshark takes it, and counts from the first. */
#define QUESTION_AGAIN_NS INT64_C(5000000000)

/* Fill in what ctx says of the packet that asked. */
void question_context(
    const struct store *s, const struct frame *f, struct dissect_context *ctx);

#endif
