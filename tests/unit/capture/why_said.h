/* What is said of these packets; the numbers are those that tshark gives. */
static const struct {
	const char *capture;
	unsigned frame;
	enum why what;
	int end;
	const char *text;
} expected[] = {
    {"tcp/rec_lost", 13, WHY_PACKET_REPEATED, 0,
	"The client sends bytes 7241 to 8688 again in #42, 295 us later. So "
	"this segment was lost on the way, or its ACK was; the repetition "
	"tells how the client found out."},
    {"tcp/rec_lost", 22, WHY_VERDICT_DUPLICATE_ACK, 0,
	"This ACK repeats 7241 for the 3rd time: a segment is missing. The "
	"client will retransmit it without waiting for its timer."},
    {"tcp/rec_lost", 18, WHY_VERDICT_DUPLICATE_ACK, 0,
	"This ACK repeats 7241 for the 1st time: something came, but not the "
	"byte expected next. It may only be out of order; at the 3rd the "
	"client takes the segment for lost."},
    {"tcp/rec_lost", 24, WHY_VERDICT_DUPLICATE_ACK, 0,
	"This ACK repeats 7241 for the 4th time: what begins there is still "
	"missing. Each repetition says that one more segment has arrived "
	"behind the gap."},
    {"tcp/rec_lost", 42, WHY_VERDICT_FAST_RETRANSMISSION, 0,
	"The client sends bytes 7241 to 8688 again, 295 us after #13, without "
	"waiting for its timer. 12 duplicate ACKs for 7241 told it: these are "
	"missing, while later bytes arrive."},
    {"tcp/rec_lost_tail", 47, WHY_VERDICT_RETRANSMISSION, 0,
	"The client sends bytes 27513 to 28960 again, 204.8 ms after #41: no "
	"ACK for them came. Its timer of 204.8 ms ran out; each further "
	"time-out in a row doubles the wait."},
    {"tcp/rec_lost_tail", 49, WHY_VERDICT_RETRANSMISSION, 0,
	"The client sends bytes 28961 to 30000 again, 204.9 ms after #43: #48 "
	"asks for them. While it makes up for a loss, it sends what an ACK "
	"shows to be missing at once, without its timer (RFC 6582)."},
    {"tcp/rec_lost_tail", 46, WHY_VERDICT_OUT_OF_ORDER, 0,
	"Bytes 27513 to 28960 were in #41 already, 71 us before: so soon that "
	"it counts as out of order, not as sent again. The server keeps one "
	"copy and drops the other."},
    {"tcp/rec_lost_syn", 2, WHY_VERDICT_RETRANSMISSION, 0,
	"The client asks again, 1.0 s after #1: its SYN was not answered. A "
	"closed port would have answered with RST; so SYN or answer was lost "
	"or is filtered, or the accept queue of the server is full."},
    {"tcp/rec_lost_syn", 5, WHY_VERDICT_RETRANSMISSION, 0,
	"The server repeats its SYN,ACK, 1.0 s after #3: the ACK that ends the "
	"handshake did not come. Until then accept() does not see the "
	"connection."},
    {"tcp/rec_keep_alive", 6, WHY_VERDICT_KEEP_ALIVE, 0,
	"Nothing was sent for 1.0 s, so the client asks whether the server is "
	"still there. The number 5 is one below the next, which must be "
	"answered with an ACK; no data moves."},
    {"tcp/rec_keep_alive", 17, WHY_VERDICT_DUPLICATE_ACK, 0,
	"This ACK repeats 6: #16 brought nothing new (a keep-alive, or a copy) "
	"and is answered all the same. Nothing is missing, for the client has "
	"sent nothing beyond."},
    {"tcp/out_of_order", 5, WHY_VERDICT_LOST_SEGMENT, 0,
	"The client should go on at 101, but this segment begins at 201: 100 "
	"bytes before it are not in the capture. They were lost, come later, "
	"or the capture missed them; ACKs will tell which."},
    {"tcp/out_of_order", 6, WHY_VERDICT_OUT_OF_ORDER, 0,
	"This segment begins at 101, but the client had sent up to 301 "
	"already: it was overtaken on the way. The server puts it into its "
	"place by its number, and the program does not notice."},
    {"tcp/ack_lost_segment", 5, WHY_VERDICT_ACK_LOST_SEGMENT, 0,
	"It acknowledges up to 201, but the capture saw the client send only "
	"up to 101. So those 100 bytes did arrive, and it was the capture that "
	"missed them."},
    {"tcp/window_update", 6, WHY_VERDICT_WINDOW_UPDATE, 0,
	"Nothing new is acknowledged (1001 again), but the window goes from "
	"1000 to 5000: the program has read. The client may send that much "
	"from 1001 on."},
    {"tcp/rec_zero_window", 8, WHY_VERDICT_WINDOW_FULL, 0,
	"With this segment 724 bytes are under way, all that the window of the "
	"server (724 bytes) allows. The client must wait for an ACK or a "
	"larger window, whatever its program writes."},
    {"tcp/rec_zero_window", 9, WHY_VERDICT_ZERO_WINDOW, 0,
	"The receive buffer of the server is full, since its program does not "
	"read: window 0. The client must stop at 2173 and asks with probes "
	"until the window opens."},
    {"tcp/zero_window", 12, WHY_VERDICT_ZERO_WINDOW_PROBE, 0,
	"The window of the server is 0, so the client offers 1 byte at 2001 to "
	"see whether it has opened. Without such probes one lost window update "
	"would stop both ends for ever."},
    {"tcp/zero_window", 13, WHY_VERDICT_ZERO_WINDOW_PROBE_ACK, 0,
	"The server answers the probe #12: it still expects 2001 and its "
	"window is 0. The next probe comes after twice the time."},
    {"tcp/port_reuse", 7, WHY_VERDICT_REUSED_PORTS, 0,
	"Ports 40000 and 50007 had a connection before; this SYN opens a new "
	"one with the number 7000000. Old segments that still wander must not "
	"fit into it, hence TIME-WAIT and fresh numbers."},
    {"tcp/retransmission_spurious", 6, WHY_VERDICT_SPURIOUS_RETRANSMISSION, 0,
	"Bytes 1 to 1000 are sent again although #5 had acknowledged them. "
	"That ACK was late or got lost, or the timer is too short; the server "
	"drops the copy and repeats its ACK."},
    {"tcp/retransmission_spurious", 7, WHY_VERDICT_D_SACK, 0,
	"The server got bytes 1 to before 1001 twice. The client learns that "
	"sending them again was not needed, and can be more patient."},
    {"tcp/reset_blind", 6, WHY_VERDICT_RST_CHALLENGED, 0,
	"This RST has the number 3000, within the window, but 1 is expected. "
	"It may be forged, so the client answers with a challenge ACK and "
	"closes nothing."},
    {"tcp/reset_blind", 8, WHY_VERDICT_RST_IGNORED, 0,
	"This RST has the number 900000, outside of the window that begins at "
	"1, so the client drops it. Who cannot see a connection must not be "
	"able to end it."},
    {"tcp/half_close", 3, WHY_PART_ACK, 0,
	"The client confirms the SYN,ACK #2; the handshake took 20.0 ms, a "
	"first measure of the round trip. Only now accept() returns at the "
	"server."},
    {"tcp/half_close", 5, WHY_FLAG_FIN, 0,
	"The program of the client has closed or shut down after 5 bytes of "
	"data. The FIN counts as one, so 7 acknowledges it; the server may go "
	"on sending."},
    {"tcp/half_close", 7, WHY_FLAG_PSH, 0,
	"The server has no more to send for now: 300 bytes since its last PSH. "
	"The client hands them to its program at once; still they are no "
	"message, recv() may cut them anywhere."},
    {"tcp/half_close", 8, WHY_FLAG_ACK, 0,
	"All that the server sent before 301 has arrived; it answers packet "
	"#7, 10.0 ms later. 301 is the byte that the client expects next."},
    {"tcp/half_close", 6, WHY_STATE_FIN_WAIT_2, 0,
	"The FIN of the client is acknowledged, but the server has not closed. "
	"It may last as long as that program likes; after close(), Linux gives "
	"up after 60 s."},
    {"tcp/rec_refused", 2, WHY_PART_REFUSED, 0,
	"Port 7000 is closed: nobody listens there, and the kernel of the "
	"server answers #1 with RST after 44 us. That took one round trip; a "
	"lost SYN would have taken a second or more."},
    {"tcp/rec_refused", 2, WHY_FLAG_RST, 0,
	"Nothing listens on port 7000: #1 is answered with a reset after 44 "
	"us. The connect() of the client fails with ECONNREFUSED."},
    {"tcp/ecn", 5, WHY_FLAG_ECE, 0,
	"A router marked a packet that the server got: congestion. It says so "
	"until the client answers with CWR; nothing was lost."},
    {"tcp_options", 1, WHY_OPTION_WSCALE, 0,
	"The windows of the client are to be multiplied by 128 (shift 7), in "
	"all segments after this one. It is in force only if both SYNs carry "
	"the option."},
    {"icmp", 8, WHY_PACKET_NO_PORT, 0,
	"Nobody has bound UDP port 5998 there: the kernel sends the datagram's "
	"beginning back. On a connected socket the next call fails with "
	"ECONNREFUSED; without connect() the program learns nothing."},
    {"fragments", 2, WHY_PACKET_FRAGMENT, 0,
	"The part from byte 1480 on of a datagram: it has no ports, those are "
	"in the first part. The receiving host puts the parts together; if one "
	"is missing, all are dropped."},
    {"tcp/rec_lost", 22, WHY_OPTION_SACK, 0,
	"All before 7241 has arrived, and beyond the gap bytes 10137 to before "
	"14481. The client needs to send only the gap again."},
};
