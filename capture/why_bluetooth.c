/*
 * Bluetooth explained: which thing a packet is, and what is said of it.
 *
 * Source: Bluetooth Core 5.3, RFCOMM with TS 07.10 1.2, GSM 07.10.
 */
#include <string.h>

#include "capture/why_impl.h"

#define B(NAME) WHY_BLUETOOTH_##NAME

/* By what the tree has, the most telling first; NULL: whatever its value. */
static const struct {
	const char *key, *value;
	enum why what;
} things[] = {
    {"btrfcomm.mcc.cmd", "0x20", B(PN)},
    {"btrfcomm.mcc.cmd", "0x38", B(MSC)},
    {"btrfcomm.mcc.cmd", NULL, B(MCC)},
    {"btrfcomm.frame_type", "0x2f", B(SABM)},
    {"btrfcomm.frame_type", "0x63", B(UA)},
    {"btrfcomm.frame_type", "0x0f", B(DM)},
    {"btrfcomm.frame_type", "0x43", B(DISC)},
    {"btspp.data", NULL, B(DATA)},
    {"btrfcomm.credits", NULL, B(CREDITS)},
    {"btsdp.pdu", NULL, B(SDP)},
    {"btl2cap.cmd_code", "0x02", B(ASKED)},
    {"btl2cap.cmd_code", "0x03", B(GIVEN)},
    {"btl2cap.cmd_code", "0x04", B(SET)},
    {"btl2cap.cmd_code", "0x05", B(SET)},
    {"btl2cap.cmd_code", "0x06", B(LEFT)},
    {"btl2cap.cmd_code", "0x07", B(LEFT)},
    {"btl2cap.length", NULL, B(CHANNEL)},
    {"bthci_acl.length", NULL, B(FRAGMENT)},
    {"bthci_evt.code", "0x03", B(CONNECTED)},
    {"bthci_evt.code", "0x05", B(LOST)},
    {"bthci_evt.code", "0x0f", B(UNDER_WAY)},
    {"bthci_evt.code", "0x13", B(BUFFERS)},
    {"bthci_evt.code", NULL, B(EVENT)},
    {"bthci_cmd.opcode", NULL, B(COMMAND)},
};

bool
why_of_bluetooth(const struct tree *t, enum why *ret)
{
	for (size_t i = 0; i < sizeof things / sizeof *things; i++) {
		const struct field *f = tree_find(t, things[i].key, 0);

		if (f == NULL || (things[i].value != NULL &&
				     strcmp(f->value, things[i].value) != 0))
			continue;
		*ret = things[i].what;
		return true;
	}
	return false;
}

const struct why_words why_words_bluetooth[] = {
    {B(COMMAND),
	"The host asks its own controller for something; nothing of it is on "
	"the air. The controller answers with an event: at once that it is "
	"done, or that it is under way."},
    {B(EVENT), "The controller reports to its host; nothing of it was on the "
	       "air. It answers a command, or something has happened at the "
	       "other device."},
    {B(UNDER_WAY),
	"The controller has understood the command and works on it. Another "
	"event will tell what came of it."},
    {B(BUFFERS),
	"The controller has sent {bthci_evt.num_compl_packets} packets and "
	"their buffers are free. The host counts these: it never gives the "
	"controller more packets than it has room for."},
    {B(BUFFERS), "The controller has sent packets and their buffers are free. "
		 "The host never gives it more than it has room for."},
    {B(CONNECTED),
	"The two devices are connected, under handle "
	"{bthci_evt.connection_handle}. All data between them goes over this "
	"one link; channels of L2CAP divide it."},
    {B(CONNECTED),
	"The two devices are connected. All data between them goes over this "
	"one link; channels of L2CAP divide it."},
    {B(LOST), "The link is gone, for reason {bthci_evt.reason}, and with it "
	      "every channel. If that was 0x08, nothing was heard for the "
	      "supervision timeout, and recv() fails with ETIMEDOUT."},
    {B(LOST), "The link is gone, and with it every channel. Sockets learn it "
	      "as an error, not as an end."},
    {B(FRAGMENT),
	"A piece of a frame: the controller takes only short packets, each "
	"with 4 bytes of header. The frame is read with its last piece."},
    {B(CHANNEL),
	"A frame of channel {btl2cap.cid}, {btl2cap.length} bytes long. "
	"The number is the receiver's own: the other direction has another."},
    {B(CHANNEL),
	"A frame of a channel. Its number is the receiver's own: the other "
	"direction has another."},
    {B(ASKED),
	"{Sender} asks for a channel to protocol {btl2cap.psm} and gives its "
	"own number for it, {btl2cap.scid}. It is what a SYN to a port is in "
	"TCP."},
    {B(ASKED), "A device asks for a channel to a protocol of the other, and "
	       "gives its own number for it. It is what a SYN is in TCP."},
    {B(GIVEN), "The answer: the other end's number is {btl2cap.dcid}. Nothing "
	       "may be sent yet, since both ends must be configured first."},
    {B(GIVEN), "The answer, with the other end's number. Nothing may be sent "
	       "yet, since both ends must be configured first."},
    {B(SET), "How the channel is to be used: the largest frame is "
	     "{btl2cap.option_mtu} bytes, if that is said. Each direction is "
	     "configured for itself, so there are two questions and answers."},
    {B(SET), "How the channel is to be used. Each direction is configured for "
	     "itself, so there are two questions and two answers."},
    {B(LEFT), "The channel of L2CAP is given up, since the last conversation "
	      "over it has ended. The link itself stays for a while."},
    {B(SDP), "A service is looked for by what it is, a UUID. The answer says "
	     "on which channel it listens, so no port number must be known."},
    {B(SABM), "{Sender} opens channel {btrfcomm.channel}; 0 is the session "
	      "itself. It is the second SYN of this connection, one layer "
	      "up."},
    {B(SABM), "It opens a channel; 0 is the session itself. It is a second "
	      "SYN, one layer up."},
    {B(UA), "{Sender} agrees: channel {btrfcomm.channel} is open, or closed "
	    "if that was asked for. RFCOMM needs no third packet, since L2CAP "
	    "below loses nothing."},
    {B(UA), "It agrees to what was asked for. RFCOMM needs no third packet, "
	    "since L2CAP below loses nothing."},
    {B(DM), "There is no such channel, or it is not open. A client's "
	    "connect() fails with ECONNREFUSED."},
    {B(DISC), "{Sender} closes channel {btrfcomm.channel}, both directions at "
	      "once. There is no half-close: recv() at the other end fails "
	      "with ECONNRESET."},
    {B(DISC), "It closes the channel, both directions at once. There is no "
	      "half-close: recv() at the other end fails with ECONNRESET."},
    {B(PN), "The ends agree on channel {btrfcomm.mcc.channel} before it opens: "
	    "frames of at most {btrfcomm.max_frame_size} bytes, flow control "
	    "by credits. TCP puts such things into the options of its SYN."},
    {B(PN), "The ends agree on the largest frame and on flow control before a "
	    "channel opens. TCP puts such things into the options of its SYN."},
    {B(MSC), "The wires of a serial cable, as bits: ready, data valid, flow. "
	     "Each end tells them once and the other repeats them, before any "
	     "data."},
    {B(MCC), "A command of the multiplexer, about a channel. It goes over "
	     "channel 0, which has no data."},
    {B(CREDITS),
	"{Sender} will take {btrfcomm.credits} more frames. It is TCP's "
	"window, counted in frames; at 0 the other end must wait."},
    {B(CREDITS), "So many more frames the sender of this will take. It is "
		 "TCP's window, counted in frames."},
    {B(DATA), "{btrfcomm.len} bytes for the program, in one frame of RFCOMM. "
	      "There are no numbers and no ACKs: the radio's link layer "
	      "repeats what is lost."},
    {B(DATA), "Bytes for the program, in one frame of RFCOMM. There are no "
	      "numbers and no ACKs: the radio's link layer repeats what is "
	      "lost."},
    {WHY_COUNT, NULL},
};
