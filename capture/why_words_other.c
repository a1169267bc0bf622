/*
 * The same of options, costs, other packets, whole conversations, and of what
 * became of a packet on the lab's wire.
 */
#include "capture/why_impl.h"

#define O(NAME) WHY_OPTION_##NAME

const struct why_words why_words_other[] = {
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
    {WHY_PACKET_REPEATED,
	"{Sender} sends bytes {tcp.seq} to {last} again in {repeated}, "
	"{repaired} later. So this segment was lost on the way, or its ACK "
	"was; the repetition tells how {sender} found out."},
    {WHY_PACKET_REPEATED,
	"What it carries is sent again in {repeated}, {repaired} later. So "
	"it was lost on the way, or its ACK was."},
    {WHY_PACKET_REPEATED,
	"It is sent again later. So it was lost on the way, or its ACK was."},
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
	"Port {server_port} answered neither the SYN {syn_frame} nor a "
	"repetition of it. A closed port would answer with RST: the host is "
	"away, or a filter drops SYN or answer."},
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

    /* ---- what became of it on the wire ---- */
    {WHY_FATE_NONE,
	"It was captured at an interface, not at a wire of the lab. So what "
	"became of it is not known; ACKs tell it."},
    {WHY_FATE_PASSED,
	"The wire delivered it {on_wire} after it was sent. That is the "
	"delay that was set, and the time that it waited in the queue."},
    {WHY_FATE_PASSED,
	"The wire delivered it. Its delay is what was set, and the time in "
	"the queue."},
    {WHY_FATE_DUPLICATED,
	"The wire delivered it, and a copy of it as well. The receiver drops "
	"what it has already; TCP answers the copy with a duplicate ACK."},
    {WHY_FATE_COPY,
	"Nobody sent this one: the wire made it of a packet before. The "
	"receiver drops what it has already; TCP answers it with a duplicate "
	"ACK."},
    {WHY_FATE_REORDERED,
	"The wire held it back, and later packets overtook it. Its receiver "
	"sees a gap until it comes; TCP repeats its ACK as long."},
    {WHY_FATE_CORRUPTED,
	"{?is_datagram}The wire changed a bit of it, so its checksum is "
	"wrong and {peer} dropped it. UDP does not send it again, and tells "
	"nobody: the program has to notice, or does without."},
    {WHY_FATE_CORRUPTED,
	"The wire changed a bit of it, so its checksum is wrong and {peer} "
	"dropped it. {Sender} sent it again in {repeated}, {repaired} later."},
    {WHY_FATE_CORRUPTED,
	"The wire changed a bit of it, so its checksum is wrong and the "
	"receiver drops it. To its sender that is a loss like any other: no "
	"ACK comes."},
    {WHY_FATE_LOST,
	"{?is_datagram}The wire lost it, by the chance that was set. UDP "
	"does not send it again, and tells nobody: the program has to "
	"notice, or does without."},
    {WHY_FATE_LOST,
	"The wire lost it, by the chance that was set. {Sender} sent it "
	"again in {repeated}, {repaired} later; until then {peer} could not "
	"go on."},
    {WHY_FATE_LOST,
	"The wire lost it, by the chance that was set. Its receiver knows "
	"nothing of it; its sender learns of it by duplicate ACKs, or by its "
	"timer."},
    {WHY_FATE_BURST,
	"{?is_datagram}The wire lost it together with its neighbours, in a "
	"burst. UDP does not send it again, and tells nobody: the program "
	"has to notice, or does without."},
    {WHY_FATE_BURST,
	"The wire lost it together with its neighbours, in a burst. {Sender} "
	"sent it again in {repeated}, {repaired} later; until then {peer} "
	"could not go on."},
    {WHY_FATE_BURST,
	"The wire lost it together with its neighbours, in a burst. Where a "
	"whole window gets lost no duplicate ACKs come, and only the timer "
	"helps."},
    {WHY_FATE_RULE,
	"{?is_datagram}A rule of the wire dropped it. UDP does not send it "
	"again, and tells nobody: the program has to notice, or does "
	"without."},
    {WHY_FATE_RULE,
	"A rule of the wire dropped it. {Sender} sent it again in "
	"{repeated}, {repaired} later; until then {peer} could not go on."},
    {WHY_FATE_RULE,
	"A rule of the wire dropped it. Its sender learns of it by duplicate "
	"ACKs, or by its timer."},
    {WHY_FATE_HAND,
	"{?is_datagram}It was dropped by hand, while the wire was held. UDP "
	"does not send it again, and tells nobody: the program has to "
	"notice, or does without."},
    {WHY_FATE_HAND,
	"It was dropped by hand, while the wire was held. {Sender} sent it "
	"again in {repeated}, {repaired} later; until then {peer} could not "
	"go on."},
    {WHY_FATE_HAND,
	"It was dropped by hand, while the wire was held. Its sender learns "
	"of it by duplicate ACKs, or by its timer."},
    {WHY_FATE_QUEUE,
	"{?is_datagram}It came faster than the wire sends, and the queue was "
	"full. UDP does not send it again, and tells nobody: the program has "
	"to notice, or does without."},
    {WHY_FATE_QUEUE,
	"It came faster than the wire sends, and the queue was full. "
	"{Sender} sent it again in {repeated}, {repaired} later; until then "
	"{peer} could not go on."},
    {WHY_FATE_QUEUE,
	"It came faster than the wire sends, and the queue was full: so most "
	"packets get lost in the Internet. TCP takes that as a sign to slow "
	"down."},
    {WHY_FATE_TOO_BIG,
	"It is larger than the MTU of the wire and must not be cut (DF). A "
	"router would answer with ICMP: fragmentation needed."},
    {WHY_FATE_EXPIRED,
	"Its TTL ended at a router, which dropped it. The router answers "
	"with ICMP, time exceeded; traceroute lives by that."},
    {WHY_FATE_NO_HOST,
	"No host of the lab has the address that it is for. Without an "
	"answer its sender repeats a SYN, and a datagram is gone."},
    {WHY_FATE_FOLDED,
	"A timer sent this copy while the wire held the first one, so it was "
	"dropped. Otherwise waiting by hand would breed retransmissions."},
    {WHY_FATE_REFUSED,
	"The wire had it, but the interface of its receiver did not take it: "
	"down, or its queue was full. It is lost like any other."},
    {WHY_COUNT, NULL},
};
