/*
 * What the explanations say; how to read the places for numbers stands in
 * why_impl.h. Two sentences each: what it is here, and what follows. Of several
 * texts for one thing the first is said whose numbers are known, so that the
 * last of them needs none.
 *
 * Source: beside the standards that why.h names, tcp(7) for what Linux does.
 */
#include "capture/why_impl.h"

#define V(NAME) WHY_VERDICT_##NAME
#define F(NAME) WHY_FLAG_##NAME
#define S(NAME) WHY_STATE_##NAME
#define P(NAME) WHY_PART_##NAME
#define O(NAME) WHY_OPTION_##NAME

static const struct {
	enum why what;
	const char *text;
} words[] = {
    /* ---- verdicts ---- */
    {V(RETRANSMISSION),
	"{?has_syn}{?has_ack}{Sender} repeats its SYN,ACK, {after} after "
	"{first}: the ACK that ends the handshake did not come. Until then "
	"accept() does not see the connection."},
    {V(RETRANSMISSION),
	"{?has_syn}{Sender} asks again, {after} after {first}: its SYN was "
	"not answered. Each time it waits twice as long; a closed port would "
	"have answered with RST, so SYN or answer was lost or is filtered."},
    {V(RETRANSMISSION),
	"{Sender} sends bytes {tcp.seq} to {last} again, {after} after "
	"{first}. {acker} had acknowledged them, but that ACK came too late "
	"or got lost."},
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
	"connect() blocks. Without an answer the SYN is sent again after 1, "
	"2, 4 seconds and so on."},
    {S(SYN_SENT),
	"{End} has sent its SYN and waits for SYN,ACK: its connect() blocks. "
	"Without an answer the SYN is sent again after 1, 2, 4 seconds and "
	"so on."},
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

    /* ---- options ---- */
    {O(EOL),
	"The list of options ends here. What follows up to the next multiple "
	"of 4 bytes means nothing."},
    {O(NOP),
	"One byte that means nothing. It puts the option behind it on a word "
	"boundary; the header's length counts in words of 4 bytes."},
    {O(MSS),
	"{Sender} takes at most {tcp.options.mss_val:bytes} of data in one "
	"segment, its MTU less 40 (60 with IPv6). It is no agreement: each "
	"end keeps to what the other announced."},
    {O(MSS),
	"The most data that one segment may bring. It is no agreement: each "
	"end keeps to what the other announced."},
    {O(WSCALE),
	"The windows of {sender} are to be multiplied by "
	"{tcp.options.wscale.multiplier} (shift {tcp.options.wscale.shift}), "
	"in all segments after this one. It is in force only if both SYNs "
	"carry the option."},
    {O(WSCALE),
	"The windows that follow are to be multiplied. It is in force only "
	"if both SYNs carry the option."},
    {O(SACK_OK),
	"{Sender} understands selective acknowledgments. If both SYNs say "
	"so, only what is missing needs to be sent again after a loss."},
    {O(SACK),
	"All before {tcp.ack} has arrived, and beyond the gap bytes "
	"{tcp.options.sack_le} to before {tcp.options.sack_re}. {Peer} needs "
	"to send only the gap again."},
    {O(SACK), "Blocks that have arrived beyond a gap. Only the gap needs to be "
	      "sent again."},
    {O(TIMES),
	"The clock of {sender} shows {tcp.options.timestamp.tsval}, and it "
	"echoes {tcp.options.timestamp.tsecr} of {peer}. So each ACK "
	"measures a round trip, and segments of long ago are recognised."},
    {O(TIMES),
	"The sender's clock and an echo of the other's. So each ACK measures "
	"a round trip, and segments of long ago are recognised."},
    {O(MD5),
	"A digest over the segment and a shared password. It protects BGP "
	"sessions against forged resets; authentication (RFC 5925) replaces "
	"it."},
    {O(TIMEOUT),
	"How long the sender keeps trying without an ACK. The other end may "
	"take that as its own limit."},
    {O(AUTH), "A code over the segment, made with key {tcp.options.ao.keyid}. "
	      "Forged segments are dropped; keys can be changed while the "
	      "connection lasts."},
    {O(AUTH),
	"A code over the segment, made with a shared key. Forged segments "
	"are dropped; keys can be changed while the connection lasts."},
    {O(MPTCP),
	"One connection over several paths: this option opens or serves a "
	"subflow. To the program it is still one socket."},
    {O(FASTOPEN),
	"{?has_data}The SYN brings {len} of data, with a cookie that the "
	"server gave before. One round trip is saved; the cookie shows that "
	"the address is not forged."},
    {O(FASTOPEN),
	"A cookie for the next connection is asked for, or given. With it a "
	"SYN may carry data and save one round trip."},
    {O(EXPERIMENT),
	"An option under trial; its number says whose. Who does not know it "
	"passes it over by its length."},
    {O(OTHER), "This kind of option is not known here. Its length byte lets "
	       "everybody pass it over."},
    {O(IP_EOL),
	"The IP options end here. What follows up to a multiple of 4 bytes "
	"means nothing."},
    {O(IP_NOP),
	"One byte that means nothing. It puts the option behind it on a word "
	"boundary."},
    {O(IP_RECORD),
	"Each router on the way enters its address, until the room is used "
	"up. ping -R asks for it; many routers drop such packets today."},
    {O(IP_TIMES),
	"Each router on the way enters its time, until the room is used up. "
	"Many routers drop such packets today."},
    {O(IP_ALERT),
	"Routers are to look into this packet although it is not for them. "
	"IGMP and RSVP need it."},

    /* ---- what it cost ---- */
    {WHY_PURPOSE_HANDSHAKE,
	"It carries {len} of payload in {headers} of headers, to open the "
	"connection. UDP has no such cost, and no such certainty."},
    {WHY_PURPOSE_HANDSHAKE,
	"It opens the connection and carries no data of the program. UDP has "
	"no such cost, and no such certainty."},
    {WHY_PURPOSE_DATA,
	"It carries {len} of payload behind {headers} of headers. The fewer "
	"bytes a segment has, the larger the share of the headers."},
    {WHY_PURPOSE_DATA,
	"It carries data of the program. The fewer bytes a segment has, the "
	"larger the share of the headers."},
    {WHY_PURPOSE_ACK,
	"{Headers} only to say that all before {tcp.ack} has arrived. "
	"Receivers save such packets by acknowledging every second segment, "
	"or along with data of their own."},
    {WHY_PURPOSE_ACK,
	"A packet only to say what has arrived. Receivers save some by "
	"acknowledging along with data of their own."},
    {WHY_PURPOSE_RETRANSMISSION,
	"The same {len} once more, with {headers} of headers. So much a loss "
	"costs, beside the time."},
    {WHY_PURPOSE_RETRANSMISSION,
	"The same bytes once more, with their headers. So much a loss costs, "
	"beside the time."},
    {WHY_PURPOSE_TEARDOWN,
	"{Headers} of headers to end the connection in order. UDP has no "
	"such cost: nobody there knows when it is over."},
    {WHY_PURPOSE_TEARDOWN,
	"It ends the connection in order. UDP has no such cost: nobody there "
	"knows when it is over."},
    {WHY_PURPOSE_OTHER,
	"It is neither data nor an ACK that is needed: a probe, a window "
	"update or a keep-alive. It costs {headers} of headers."},
    {WHY_PURPOSE_OTHER,
	"It is neither data nor an ACK that is needed. Probes, window "
	"updates and keep-alives are such."},

    /* ---- packets beside TCP ---- */
    {WHY_PACKET_DATAGRAM,
	"{?is_fragment}One sendto() of {datagram_len} to port {udp.dstport} "
	"did not fit into one packet; this is the first part. Nobody "
	"acknowledges it: if a part is lost, the whole datagram is."},
    {WHY_PACKET_DATAGRAM,
	"One sendto() of {len} became this one packet to port {udp.dstport}, "
	"with {headers} of headers. Nobody acknowledges it: whether it "
	"arrives, and in which order, UDP does not know."},
    {WHY_PACKET_DATAGRAM,
	"One sendto() became this one packet. Nobody acknowledges it: "
	"whether it arrives, and in which order, UDP does not know."},
    {WHY_PACKET_NO_PORT,
	"Nobody has bound UDP port {udp.dstport} there: the kernel sends the "
	"datagram's beginning back. On a connected socket the next call "
	"fails with ECONNREFUSED; without connect() the program learns "
	"nothing."},
    {WHY_PACKET_NO_PORT,
	"Nobody has bound that port: the kernel sends the packet's beginning "
	"back. On a connected socket the next call fails with ECONNREFUSED."},
    {WHY_PACKET_NO_HOST,
	"A router or host cannot deliver the packet quoted in it (code "
	"{icmp.code}). The program's next call fails, with EHOSTUNREACH for "
	"instance."},
    {WHY_PACKET_NO_HOST,
	"A router or host cannot deliver the packet quoted in it. The "
	"program's next call fails, with EHOSTUNREACH for instance."},
    {WHY_PACKET_TOO_BIG,
	"The packet quoted in it does not fit the next link, whose MTU is "
	"{icmp.mtu:bytes}. Its sender makes smaller ones from now on: path "
	"MTU discovery."},
    {WHY_PACKET_TOO_BIG,
	"The packet quoted in it does not fit the next link, whose MTU is "
	"{icmpv6.mtu:bytes}. Its sender makes smaller ones from now on: path "
	"MTU discovery."},
    {WHY_PACKET_TOO_BIG,
	"The packet quoted in it does not fit the next link. Its sender "
	"makes smaller ones from now on: path MTU discovery."},
    {WHY_PACKET_NO_TIME,
	"The packet quoted in it passed more routers than its TTL allowed, "
	"and {ip.src} dropped it. traceroute finds the routers by this "
	"answer."},
    {WHY_PACKET_NO_TIME,
	"The packet quoted in it passed more routers than its hop limit "
	"allowed, and {ipv6.src} dropped it. traceroute finds the routers by "
	"this answer."},
    {WHY_PACKET_NO_TIME,
	"The packet quoted in it passed more routers than its hop limit "
	"allowed. traceroute finds the routers by this answer."},
    {WHY_PACKET_ECHO,
	"ping asks {ip.dst}, with number {icmp.seq}. The kernel answers, "
	"whatever programs run there."},
    {WHY_PACKET_ECHO,
	"ping asks {ipv6.dst}, with number {icmpv6.echo.sequence_number}. "
	"The kernel answers, whatever programs run there."},
    {WHY_PACKET_ECHO,
	"ping asks whether a host is there. The kernel answers, whatever "
	"programs run there."},
    {WHY_PACKET_ECHO_REPLY,
	"{ip.src} answers ping number {icmp.seq} with the same bytes. The "
	"time between both is the round trip."},
    {WHY_PACKET_ECHO_REPLY,
	"{ipv6.src} answers ping number {icmpv6.echo.sequence_number} with "
	"the same bytes. The time between both is the round trip."},
    {WHY_PACKET_ECHO_REPLY,
	"A host answers ping with the same bytes. The time between both is "
	"the round trip."},
    {WHY_PACKET_ICMP,
	"A message of the network about itself, not of a program. Its type "
	"and code say what; the tree (Enter) names them."},
    {WHY_PACKET_FIRST_FRAGMENT,
	"The datagram was too large for a packet; this is its beginning, "
	"with the ports, under number {ip.id}. If any fragment gets lost, "
	"all of the datagram is."},
    {WHY_PACKET_FIRST_FRAGMENT,
	"The datagram was too large for a packet; this is its beginning, "
	"with the ports. If any fragment gets lost, all of the datagram is."},
    {WHY_PACKET_FRAGMENT,
	"The part from byte {fragment_at} on of a datagram: it has no ports, "
	"those are in the first part. The receiving host puts the parts "
	"together; if one is missing, all are dropped."},
    {WHY_PACKET_FRAGMENT,
	"A later part of a datagram: it has no ports, those are in the "
	"first. The receiving host puts the parts together; if one is "
	"missing, all are dropped."},
    {WHY_PACKET_ARP,
	"It asks, or tells, which Ethernet address has an IP address on this "
	"link. Without it no frame can be addressed; answers are kept for a "
	"while (ip neighbour)."},
    {WHY_PACKET_TRUNCATED,
	"The capture kept only the beginning of this packet (snapshot "
	"length). What is behind it was on the wire, but is not known here."},
    {WHY_PACKET_MALFORMED,
	"A header contradicts itself or the packet's length. Hosts drop such "
	"packets without a word; the tree (Enter) marks the place."},

    /* ---- a conversation as a whole ---- */
    {WHY_OPENED_UNSEEN,
	"Its SYN is not in the capture: it was open before. So numbers count "
	"from the first packet seen, and window scales are not known."},
    {WHY_OPENED_UNANSWERED,
	"The client sent {client_packets} packets to port {server_port} in "
	"{took}, and nothing came back. A closed port would answer with RST: "
	"the host is away, or a filter drops SYN or answer."},
    {WHY_OPENED_UNANSWERED,
	"The SYN was never answered. A closed port would answer with RST: "
	"the host is away, or a filter drops SYN or answer."},
    {WHY_OPENED_REFUSED,
	"Port {server_port} answered the SYN {syn_frame} with RST after "
	"{took}: nobody listens there. connect() failed with ECONNREFUSED."},
    {WHY_OPENED_REFUSED,
	"The SYN was answered with RST: nobody listens there. connect() "
	"failed with ECONNREFUSED."},
    {WHY_OPENED_HALF,
	"The server answered the SYN, but the last ACK is missing. The "
	"connection waits in the SYN queue and never reaches accept(); many "
	"of them are a SYN flood."},
    {WHY_OPENED_THREE_WAY,
	"SYN {syn_frame}, SYN,ACK {syn_ack_frame}, ACK {ack_frame}: both "
	"know after {rtt} that the other hears them. That is one round trip "
	"before the first byte of data."},
    {WHY_OPENED_THREE_WAY,
	"SYN, SYN,ACK, ACK: both ends know that the other hears them. That "
	"is one round trip before the first byte of data."},
    {WHY_OPENED_SIMULTANEOUS,
	"Both sent a SYN before they had seen the other's, and it became one "
	"connection. No accept() was needed."},
    {WHY_CLOSED_OPEN,
	"Nobody has closed: {client_bytes} from the client and "
	"{server_bytes} from the server in {took}. It lasts until one of "
	"both calls close()."},
    {WHY_CLOSED_OPEN,
	"Nobody has closed so far. It lasts until one of both calls close()."},
    {WHY_CLOSED_HALF_CLOSED,
	"{Half_closer} has closed its direction, the other end has not. That "
	"one may go on sending; recv() there has returned 0."},
    {WHY_CLOSED_HALF_CLOSED,
	"One end has closed its direction, the other has not. That one may "
	"go on sending."},
    {WHY_CLOSED_UNFINISHED,
	"Both have sent a FIN, but an ACK of one is missing. It was lost, or "
	"the capture ended before."},
    {WHY_CLOSED_FOUR_WAY,
	"{Closer} closed first, the other end answered with its own FIN, "
	"both were acknowledged. {Closer} stays in TIME-WAIT for 60 s on "
	"Linux."},
    {WHY_CLOSED_FOUR_WAY,
	"One end closed first, the other answered with its own FIN, both "
	"were acknowledged. Who was first stays in TIME-WAIT."},
    {WHY_CLOSED_SIMULTANEOUS,
	"Both closed before they had seen the other's FIN. Both stay in "
	"TIME-WAIT."},
    {WHY_CLOSED_RESET,
	"{Resetter} ended it with RST after {took}, without waiting for what "
	"was under way. The other end's next call failed with ECONNRESET."},
    {WHY_CLOSED_RESET,
	"It was ended with RST, without waiting for what was under way. The "
	"other end's next call failed with ECONNRESET."},
};

const char *
why_words(enum why what, size_t i)
{
	for (size_t k = 0; k < sizeof words / sizeof *words; k++)
		if (words[k].what == what && i-- == 0)
			return words[k].text;
	return NULL;
}
