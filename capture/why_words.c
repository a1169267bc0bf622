/*
 * What the explanations of TCP's verdicts, flags, states and of the parts of a
 * connection say; how to read the places for numbers stands in why_impl.h. Two
 * sentences each: what it is here, and what follows. Of several texts for one
 * thing the first is said whose numbers are known, so that the last of them
 * needs none.
 *
 * Source: beside the standards that why.h names, tcp(7) for what Linux does.
 */
#include "capture/why_impl.h"

#define V(NAME) WHY_VERDICT_##NAME
#define F(NAME) WHY_FLAG_##NAME
#define S(NAME) WHY_STATE_##NAME
#define P(NAME) WHY_PART_##NAME

const struct why_words why_words_tcp[] = {
    /* ---- verdicts ---- */
    {V(RETRANSMISSION),
	"{?has_syn}{?has_ack}{Sender} repeats its SYN,ACK, {after} after "
	"{first}: the ACK that ends the handshake did not come. Until then "
	"accept() does not see the connection."},
    {V(RETRANSMISSION),
	"{?has_syn}{Sender} asks again, {after} after {first}: its SYN was "
	"not answered. A closed port would have answered with RST; so SYN or "
	"answer was lost or is filtered, or the accept queue of {peer} is "
	"full."},
    {V(RETRANSMISSION),
	"{Sender} sends bytes {tcp.seq} to {last} again, {after} after "
	"{first}. {acker} had acknowledged them, but that ACK came too late "
	"or got lost."},
    {V(RETRANSMISSION),
	"{Sender} sends bytes {tcp.seq} to {last} again, {after} after "
	"{first}: {asker} asks for them. While it makes up for a loss, it "
	"sends what an ACK shows to be missing at once, without its timer "
	"(RFC 6582)."},
    {V(RETRANSMISSION),
	"{Sender} sends bytes {tcp.seq} to {last} again, {after} after "
	"{first}: no ACK for them came. Its timer of {tcp.analysis.rto:span} "
	"ran out; each further time-out in a row doubles the wait."},
    {V(RETRANSMISSION),
	"{Sender} sends bytes {tcp.seq} to {last} again, {after} after "
	"{first} had them. No ACK for them has come, so {sender} takes them "
	"for lost."},
    {V(RETRANSMISSION),
	"{?has_fin}{Sender} sends its FIN again, {after} after {first}: it "
	"was not acknowledged. Until it is, the connection cannot be "
	"forgotten."},
    {V(RETRANSMISSION),
	"What stands at {tcp.seq} was sent before. No ACK for it has come, "
	"so {sender} takes it for lost."},
    {V(RETRANSMISSION),
	"This segment was sent before. No ACK for it has come, so its sender "
	"takes it for lost."},
    {V(FAST_RETRANSMISSION),
	"{Sender} sends bytes {tcp.seq} to {last} again, {after} after "
	"{first}, without waiting for its timer. {dup_acks} duplicate ACKs "
	"for {tcp.seq} told it: these are missing, while later bytes arrive."},
    {V(FAST_RETRANSMISSION),
	"What stands at {tcp.seq} is sent again without waiting for the "
	"timer. Duplicate ACKs told {sender} that it is missing, while later "
	"bytes arrive."},
    {V(FAST_RETRANSMISSION),
	"It is sent again without waiting for the timer. Duplicate ACKs told "
	"its sender that it is missing, while later bytes arrive."},
    {V(SPURIOUS_RETRANSMISSION),
	"Bytes {tcp.seq} to {last} are sent again although {acker} had "
	"acknowledged them. That ACK was late or got lost, or the timer is "
	"too short; {peer} drops the copy and repeats its ACK."},
    {V(SPURIOUS_RETRANSMISSION),
	"What it carries was acknowledged already. The ACK was late or got "
	"lost, or the timer is too short; the copy is dropped."},
    {V(OUT_OF_ORDER),
	"Bytes {tcp.seq} to {last} were in {first} already, {after} before: "
	"so soon that it counts as out of order, not as sent again. {Peer} "
	"keeps one copy and drops the other."},
    {V(OUT_OF_ORDER),
	"{?is_late}This segment begins at {tcp.seq}, but {sender} had sent "
	"up to {sent} already: it was overtaken on the way. {Peer} puts it "
	"into its place by its number, and the program does not notice."},
    {V(OUT_OF_ORDER),
	"It comes after bytes that belong behind it: it was overtaken on the "
	"way. The receiver puts it into its place by its number, and the "
	"program does not notice."},
    {V(LOST_SEGMENT),
	"{Sender} should go on at {sent}, but this segment begins at "
	"{tcp.seq}: {gap} before it are not in the capture. They were lost, "
	"come later, or the capture missed them; ACKs will tell which."},
    {V(LOST_SEGMENT),
	"Bytes before this segment are not in the capture. They were lost, "
	"come later, or the capture missed them; ACKs will tell which."},
    {V(ACK_LOST_SEGMENT),
	"It acknowledges up to {tcp.ack}, but the capture saw {peer} send "
	"only up to {peer_sent}. So those {unseen} did arrive, and it was "
	"the capture that missed them."},
    {V(ACK_LOST_SEGMENT),
	"It acknowledges bytes that the capture has not seen. So they did "
	"arrive, and it was the capture that missed them."},
    {V(DUPLICATE_ACK),
	"{?is_idle}This ACK repeats {tcp.ack}: {before} brought nothing new "
	"(a keep-alive, or a copy) and is answered all the same. Nothing is "
	"missing, for {peer} has sent nothing beyond."},
    {V(DUPLICATE_ACK),
	"{?is_third}This ACK repeats {tcp.ack} for the "
	"{tcp.analysis.duplicate_ack_num:nth} time: a segment is missing. "
	"{Peer} will retransmit it without waiting for its timer."},
    {V(DUPLICATE_ACK),
	"{?is_later}This ACK repeats {tcp.ack} for the "
	"{tcp.analysis.duplicate_ack_num:nth} time: what begins there is "
	"still missing. Each repetition says that one more segment has "
	"arrived behind the gap."},
    {V(DUPLICATE_ACK),
	"This ACK repeats {tcp.ack} for the "
	"{tcp.analysis.duplicate_ack_num:nth} time: something came, but not "
	"the byte expected next. It may only be out of order; at the 3rd "
	"{peer} takes the segment for lost."},
    {V(DUPLICATE_ACK),
	"This ACK repeats the one before: something came, but not the byte "
	"expected next. At the third repetition the segment is taken for "
	"lost."},
    {V(KEEP_ALIVE),
	"Nothing was sent for {idle}, so {sender} asks whether {peer} is "
	"still there. The number {tcp.seq} is one below the next, which must "
	"be answered with an ACK; no data moves."},
    {V(KEEP_ALIVE),
	"One end asks whether the other is still there. Its number is one "
	"below the next, which must be answered with an ACK; no data moves."},
    {V(KEEP_ALIVE_ACK),
	"{Sender} answers the keep-alive {before}: it is there and expects "
	"{tcp.ack}. Only the idle connection was tested; without answers the "
	"asking end gives up with ETIMEDOUT."},
    {V(KEEP_ALIVE_ACK),
	"It answers a keep-alive. Only the idle connection was tested; "
	"without answers the asking end gives up with ETIMEDOUT."},
    {V(ZERO_WINDOW),
	"The receive buffer of {sender} is full, since its program does not "
	"read: window 0. {Peer} must stop at {tcp.ack} and asks with probes "
	"until the window opens."},
    {V(ZERO_WINDOW),
	"The receive buffer is full, since the program does not read: window "
	"0. The other end must stop and asks with probes until the window "
	"opens."},
    {V(ZERO_WINDOW_PROBE),
	"The window of {peer} is 0, so {sender} offers {len} at {tcp.seq} to "
	"see whether it has opened. Without such probes one lost window "
	"update would stop both ends for ever."},
    {V(ZERO_WINDOW_PROBE),
	"The other's window is 0, so a little is offered to see whether it "
	"has opened. Without such probes one lost window update would stop "
	"both ends for ever."},
    {V(ZERO_WINDOW_PROBE_ACK),
	"{Sender} answers the probe {before}: it still expects {tcp.ack} and "
	"its window is {tcp.window_size}. The next probe comes after twice "
	"the time."},
    {V(ZERO_WINDOW_PROBE_ACK),
	"It answers a probe while the window is 0. The next one comes after "
	"twice the time."},
    {V(WINDOW_UPDATE),
	"Nothing new is acknowledged ({tcp.ack} again), but the window goes "
	"from {window_before} to {tcp.window_size}: the program has read. "
	"{Peer} may send that much from {tcp.ack} on."},
    {V(WINDOW_UPDATE),
	"Nothing new is acknowledged, but the window has grown: the program "
	"has read. The other end may send more."},
    {V(WINDOW_FULL),
	"With this segment {tcp.analysis.bytes_in_flight:bytes} are under "
	"way, all that the window of {peer} ({peer_window}) allows. {Sender} "
	"must wait for an ACK or a larger window, whatever its program "
	"writes."},
    {V(WINDOW_FULL),
	"With this segment all that the other's window allows is under way. "
	"Its sender must wait for an ACK or a larger window."},
    {V(REUSED_PORTS),
	"Ports {tcp.srcport} and {tcp.dstport} had a connection before; this "
	"SYN opens a new one with the number {tcp.seq_raw}. Old segments "
	"that still wander must not fit into it, hence TIME-WAIT and fresh "
	"numbers."},
    {V(REUSED_PORTS),
	"The same ports had a connection before. Old segments that still "
	"wander must not fit into the new one, hence TIME-WAIT and fresh "
	"numbers."},
    {V(D_SACK),
	"{Sender} got bytes {tcp.options.sack.dsack_le} to before "
	"{tcp.options.sack.dsack_re} twice. {Peer} learns that sending them "
	"again was not needed, and can be more patient."},
    {V(D_SACK),
	"It reports bytes that arrived twice. The other end learns that "
	"sending them again was not needed."},
    {V(RST_CHALLENGED),
	"This RST has the number {tcp.seq}, within the window, but "
	"{expected} is expected. It may be forged, so {peer} answers with a "
	"challenge ACK and closes nothing."},
    {V(RST_CHALLENGED),
	"The number of this RST is within the window, but not the one "
	"expected. It may be forged, so it is answered with a challenge ACK "
	"and closes nothing."},
    {V(RST_IGNORED),
	"This RST has the number {tcp.seq}, outside of the window that "
	"begins at {expected}, so {peer} drops it. Who cannot see a "
	"connection must not be able to end it."},
    {V(RST_IGNORED),
	"The number of this RST is outside of the window, so it is dropped. "
	"Who cannot see a connection must not be able to end it."},

    /* ---- flags ---- */
    {F(SYN),
	"{?has_ack}{Sender} accepts and counts its own bytes from "
	"{tcp.seq_raw}, which is shown as 0. Its SYN counts as one, so its "
	"first byte of data is number 1."},
    {F(SYN),
	"{Sender} opens a connection and counts its bytes from "
	"{tcp.seq_raw}, which is shown as 0. The SYN counts as one, so its "
	"first byte of data is number 1."},
    {F(SYN), "It opens a connection and tells from which number the bytes are "
	     "counted. The SYN counts as one itself."},
    {F(ACK),
	"All that {peer} sent before {tcp.ack} has arrived; it answers "
	"packet {tcp.analysis.acks_frame:frame}, {tcp.analysis.ack_rtt:span} "
	"later. {tcp.ack} is the byte that {sender} expects next."},
    {F(ACK),
	"All that {peer} sent before {tcp.ack} has arrived. That number is "
	"the byte that {sender} expects next; in all but the first segment "
	"it is told along."},
    {F(ACK),
	"The acknowledgment number counts: all before it has arrived. It is "
	"told along in all but the first segment."},
    {F(PSH), "{Sender} has no more to send for now: "
	     "{tcp.analysis.push_bytes_sent:bytes} since its last PSH. {Peer} "
	     "hands them to its program at once; still they are no message, "
	     "recv() may cut them anywhere."},
    {F(PSH),
	"The sender has no more to send for now. The data goes to the "
	"program at once; still it is no message, recv() may cut it anywhere."},
    {F(FIN),
	"The program of {sender} has closed or shut down after {data_sent} "
	"of data. The FIN counts as one, so {tcp.nxtseq} acknowledges it; "
	"{peer} may go on sending."},
    {F(FIN),
	"The sender will send no more data. The other end may go on sending "
	"until it closes, too."},
    {F(RST),
	"{?is_ignored}It would end the connection at once, or refuse it. But "
	"its number is not the one expected, so it changes nothing."},
    {F(RST),
	"{?refuses}Nothing listens on port {tcp.srcport}: {before} is "
	"answered with a reset after {idle}. The connect() of {peer} fails "
	"with ECONNREFUSED."},
    {F(RST),
	"{Sender} ends the connection at once after {data_sent} of data: its "
	"program closed with data unread, or died, or knows of no such "
	"connection. The next call of {peer} fails with ECONNRESET."},
    {F(RST),
	"{Sender} ends the connection at once; what was under way is lost. "
	"The next call of {peer} fails with ECONNRESET."},
    {F(RST), "It ends a connection at once, or refuses it. The program at the "
	     "other end gets ECONNRESET or ECONNREFUSED."},
    {F(URG),
	"Urgent data ends {tcp.urgent_pointer:bytes} behind {tcp.seq}; "
	"send(data, MSG_OOB) made it. {Peer} reads it with MSG_OOB or gets "
	"SIGURG; new programs should not use it (RFC 6093)."},
    {F(URG), "The urgent pointer counts: urgent data is in the stream. New "
	     "programs should not use it (RFC 6093)."},
    {F(ECE),
	"{?has_syn}{Sender} offers ECN: routers may mark its packets rather "
	"than drop them. It is used if both ends say so in their SYNs."},
    {F(ECE),
	"A router marked a packet that {sender} got: congestion. It says so "
	"until {peer} answers with CWR; nothing was lost."},
    {F(ECE), "A router marked a packet: congestion. The receiver says so until "
	     "the sender slows down."},
    {F(CWR),
	"{?has_syn}{Sender} offers ECN: with ECE and CWR both in its SYN. It "
	"is used if the SYN,ACK carries ECE alone."},
    {F(CWR),
	"{Sender} has reduced its congestion window, as an ECE asked. {Peer} "
	"may stop repeating the ECE."},
    {F(CWR),
	"The sender has reduced its congestion window, as an ECE asked. The "
	"other end may stop repeating the ECE."},

    /* ---- states ---- */
    {S(CLOSED),
	"{?has_rst}{End} has no connection any more: the reset closed both "
	"ends at once. Its socket keeps existing until close(), but every "
	"call fails."},
    {S(CLOSED),
	"{End} has no connection here: CLOSED is the state of none. Its port "
	"{end_port} is free again, or was never taken."},
    {S(CLOSED),
	"There is no connection: CLOSED is the state of none. Nothing of it "
	"stays in the kernel."},
    {S(LISTEN),
	"{End} waits on port {end_port} for a SYN from anyone. Each one "
	"makes a connection of its own, which accept() hands out."},
    {S(LISTEN),
	"A server waits for a SYN from anyone. Each one makes a connection "
	"of its own, which accept() hands out."},
    {S(SYN_SENT),
	"{End} has sent its SYN ({syn_frame}) and waits for SYN,ACK: its "
	"connect() blocks. Without an answer the SYN is sent again after a "
	"second, and once more, and ever more rarely."},
    {S(SYN_SENT),
	"{End} has sent its SYN and waits for SYN,ACK: its connect() blocks. "
	"Without an answer the SYN is sent again after a second, and once "
	"more, and ever more rarely."},
    {S(SYN_RECEIVED),
	"{End} got the SYN {syn_frame} and answers with SYN,ACK; it waits "
	"for the ACK of that. accept() does not see the connection before."},
    {S(SYN_RECEIVED),
	"{End} got a SYN and answers with SYN,ACK; it waits for the ACK of "
	"that. accept() does not see the connection before."},
    {S(ESTABLISHED),
	"Both ends may send and receive: {end} is to send byte {end_next} "
	"next and has ACKs up to {end_acked}. It stays so for as long as "
	"neither closes, even if nothing is sent for hours."},
    {S(ESTABLISHED),
	"Both ends may send and receive. It stays so for as long as neither "
	"closes, even if nothing is sent for hours."},
    {S(FIN_WAIT_1),
	"{End} closed first: its FIN is sent and not acknowledged yet. It "
	"sends no more data, but still takes what {other} sends."},
    {S(FIN_WAIT_2),
	"The FIN of {end} is acknowledged, but {other} has not closed. It "
	"may last as long as that program likes; after close(), Linux gives "
	"up after 60 s."},
    {S(CLOSE_WAIT),
	"{End} got the FIN of {other}: its recv() returns 0. It stays in "
	"CLOSE-WAIT until its own program calls close(); many of these are a "
	"leak in that program."},
    {S(CLOSING),
	"Both closed at the same time: {end} got a FIN before its own was "
	"acknowledged. With that ACK it goes to TIME-WAIT."},
    {S(LAST_ACK),
	"{End} closed second: its FIN is sent, and it waits for the ACK. "
	"Then nothing of the connection is left at this end."},
    {S(TIME_WAIT),
	"{End} closed first and waits 2 MSL (60 s on Linux), so that it can "
	"answer if its last ACK got lost. Meanwhile bind() to port "
	"{end_port} may fail with EADDRINUSE, unless SO_REUSEADDR is set."},
    {S(TIME_WAIT),
	"Who closed first waits 2 MSL (60 s on Linux), so that it can answer "
	"if its last ACK got lost. Meanwhile bind() to its port may fail "
	"with EADDRINUSE."},

    /* ---- parts of the handshake and of the teardown ---- */
    {P(SYN), "{Sender} asks for port {tcp.dstport} and takes at most "
	     "{tcp.options.mss_val:bytes} a segment. connect() waits for the "
	     "SYN,ACK."},
    {P(SYN),
	"{Sender} asks for a connection. connect() waits for the SYN,ACK."},
    {P(SYN_ACK),
	"Port {tcp.srcport} is open: {sender} answers {syn_frame} after "
	"{since_syn} and takes at most {tcp.options.mss_val:bytes} a "
	"segment. With this packet connect() returns at the other end."},
    {P(SYN_ACK),
	"Somebody listens and accepts. With this packet connect() returns at "
	"the other end."},
    {P(ACK),
	"{Sender} confirms the SYN,ACK {syn_ack_frame}; the handshake took "
	"{rtt}, a first measure of the round trip. Only now accept() returns "
	"at the server."},
    {P(ACK),
	"The SYN,ACK is confirmed, and both ends know that the other hears "
	"them. Only now accept() returns at the server."},
    {P(REFUSED),
	"{?is_own}Nobody on this host listens on port {tcp.srcport}, so its "
	"own kernel answers {before} with RST after {idle}. A server on "
	"another host has an address of that host: 127.0.0.1 and ::1 lead to "
	"nobody else."},
    {P(REFUSED),
	"Port {tcp.srcport} is closed: nobody listens there, and the kernel "
	"of {sender} answers {before} with RST after {idle}. That took one "
	"round trip; a lost SYN would have taken a second or more."},
    {P(REFUSED),
	"Nobody listens on that port, and the kernel answers with RST. The "
	"connect() fails with ECONNREFUSED."},
    {P(FIN), "{Sender} closes first, after {data_sent} of data. It will be the "
	     "end that waits in TIME-WAIT; {peer} may still send."},
    {P(FIN),
	"The end that closes first says so. It will be the one that waits in "
	"TIME-WAIT; the other may still send."},
    {P(FIN_ACK),
	"{Sender} confirms the FIN ({tcp.ack} counts it): one direction is "
	"closed. The other stays open until the program of {sender} calls "
	"close()."},
    {P(FIN_ACK),
	"The first FIN is confirmed: one direction is closed. The other "
	"stays open until that program calls close(), too."},
    {P(LAST_FIN),
	"{Sender} closes as well, after {data_sent} of data, {idle} after "
	"{before}. With the ACK of this FIN the connection is over."},
    {P(LAST_FIN), "The second end closes as well. With the ACK of this FIN the "
		  "connection is over."},
    {P(BOTH_FIN),
	"{Sender} closes while the FIN of {peer} is under way: both ends go "
	"through CLOSING. Both will wait in TIME-WAIT."},
    {P(LAST_ACK),
	"{Sender} confirms the second FIN, and {peer} forgets the "
	"connection. {Sender} waits in TIME-WAIT for 60 s on Linux, in case "
	"this ACK gets lost."},
    {P(LAST_ACK),
	"The second FIN is confirmed: the connection is over. Who sent this "
	"waits in TIME-WAIT, in case it gets lost."},
    {WHY_COUNT, NULL},
};
