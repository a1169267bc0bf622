/*
 * The services of packed records, in Python, and their clients.
 */
#include "net/pycode_impl.h"

/* clang-format off: one line here is one line there */

/* ---- struct ---- */

static const char record_constants[] = "|RECORD = struct.Struct(@FORMAT@)\n";

static const char struct_functions[] =
    "|RECORD = struct.Struct(@FORMAT@)\n"
    "|\n"
    "|\n"
    "|def describe(record):\n"
    "|    \"\"\"How many numbers it has, and their mean.\"\"\"\n"
    "|    count, mean = 0, 0.0\n"
    "|    for value in record:\n"
    "|        if not isinstance(value, bytes):\n"
    "|            count += 1\n"
    "|            mean += (value - mean) / count\n"
    "|    return struct.pack(\"!Qd\", count, mean if count else "
    "float(\"nan\"))\n"
    "|\n"
    "|\n"
    "@TAKE@";

static const char struct_stream[] =
    "|def answer(kept):\n"
    "|    \"\"\"The answer to whole records, and what is none yet.\"\"\"\n"
    "|    whole = len(kept) - len(kept) % RECORD.size\n"
    "|    records = RECORD.iter_unpack(kept[:whole])\n"
    "|    return b\"\".join(map(describe, records)), kept[whole:]\n"
    "|\n"
    "|\n";

static const char struct_datagram[] =
    "|def answer(data, addr):\n"
    "|    if len(data) % RECORD.size != 0:\n"
    "|        return b\"\"  # a part of a record has no answer\n"
    "|    return b\"\".join(map(describe, RECORD.iter_unpack(data)))\n"
    "|\n"
    "|\n";

static const char struct_serve[] =
    "|def serve(conn, addr):\n"
    "|    kept = b\"\"\n"
    "close:conn|    with conn:\n"
    "|        while True:\n"
    "recv|            data = conn.recv(@RECV@)\n"
    "|            if not data:\n"
    "|                break\n"
    "|            reply, kept = answer(kept + data)\n"
    "|            if reply:\n"
    "send|                conn.sendall(reply)\n";

const struct pycode_service pycode_struct = {
    .name = "struct",
    .imports = "|import struct\n",
    .functions = struct_functions,
    .on_stream = struct_stream,
    .on_datagrams = struct_datagram,
    .serve = struct_serve,
    .opened = "|        self.kept = b\"\"\n",
    .received = "|        reply, self.kept = answer(self.kept + data)\n"
		"|        self.out += reply\n",
    .more = "",
    .answer = "answer(data, addr)",
    .silent = true,
};

const struct pycode_talk pycode_struct_talk = {
    .imports = "|import ast\n|import socket\n|import struct\n|import sys\n"
	       "|import threading\n",
    .constants = record_constants,
    .functions = "",
    .each = "|    for line in sys.stdin:  # values: 7 2.5 True b'text'\n"
	    "|        values = map(ast.literal_eval, line.split())\n",
    .message = "RECORD.pack(*values)",
    .pause = "",
    .begin = "|    kept = b\"\"\n",
    .stream =
	"|        kept += data\n"
	"|        while len(kept) >= 16:\n"
	"|            count, mean = struct.unpack(\"!Qd\", kept[:16])\n"
	"|            kept = kept[16:]\n"
	"|            print(count, \"numbers, mean\", mean, flush=True)\n",
    .datagram =
	"|        if len(data) % 16 != 0:\n"
	"|            continue  # this is no answer\n"
	"|        for count, mean in struct.iter_unpack(\"!Qd\", data):\n"
	"|            print(count, \"numbers, mean\", mean, flush=True)\n",
};

/* ---- telemetry: what is said in net/proto/telemetry.h ---- */

#define HEADER                                    \
	"|HEADER = struct.Struct(\"!BBHIq\")  "   \
	"# version, type, length, number, time\n" \
	"|READING, ACK, PERIOD, ERROR = 1, 2, 3, 4\n"

static const char telemetry_functions[] = HEADER
    "|SHORT, VERSION, TYPE, LENGTH, TAIL, KIND, VALUE = range(1, 8)\n"
    "|SEQUENCE, SENSORS, CHANGED = 10, 11, 12\n"
    "|COMMAND = @PERIOD@  # milliseconds that clients are told; 0: nothing\n"
    "|\n"
    "|\n"
    "|class Refused(Exception):\n"
    "|    \"\"\"One of the reasons above.\"\"\"\n"
    "|\n"
    "|\n"
    "|def parse(message):\n"
    "|    \"\"\"Sensor, period, kind and number of a READING; or None.\"\"\"\n"
    "|    if message and message[0] != 1:\n"
    "|        raise Refused(VERSION)\n"
    "|    if len(message) < HEADER.size:\n"
    "|        raise Refused(SHORT)\n"
    "|    _, kind, length, _, _ = HEADER.unpack_from(message)\n"
    "|    if length != len(message) or length > 64:\n"
    "|        raise Refused(LENGTH)\n"
    "|    if kind not in (READING, ACK, PERIOD, ERROR):\n"
    "|        raise Refused(TYPE)\n"
    "|    if kind != READING:\n"
    "|        return None\n"
    "|    if length < 21:\n"
    "|        raise Refused(SHORT)\n"
    "|    sensor, period, letter = struct.unpack_from(\"!HHc\", message, 16)\n"
    "|    letter, value = letter.decode(\"latin-1\"), message[21:]\n"
    "|    if letter == \"s\":\n"
    "|        if not 1 <= len(value) <= 32:\n"
    "|            raise Refused(VALUE)\n"
    "|        return sensor, period, letter, 0.0\n"
    "|    if letter not in \"bhiqBHIQfd?\":\n"
    "|        raise Refused(KIND)\n"
    "|    size = struct.calcsize(\"!\" + letter)\n"
    "|    if len(value) < size:\n"
    "|        raise Refused(SHORT)\n"
    "|    number = float(struct.unpack_from(\"!\" + letter, value)[0])\n"
    "|    if not math.isfinite(number) or (letter == \"?\" and value[0] > 1):\n"
    "|        raise Refused(VALUE)\n"
    "|    if len(value) > size:\n"
    "|        raise Refused(TAIL)\n"
    "|    return sensor, period, letter, number\n"
    "|\n"
    "|\n"
    "@KEEPS@"
    "@TAKE@";

static const char telemetry_keeps[] =
    "|class Peer:\n"
    "|    \"\"\"What is known of one client.\"\"\"\n"
    "|\n"
    "|    def __init__(self):\n"
    "|        self.answers = 0\n"
    "|        self.sensors = {}  # number: kind, count, mean\n"
    "|        self.highest = None  # sequence number so far\n"
    "|        self.window = 0  # bit i: highest - i has come\n"
    "|        self.expected = None  # would confirm a far one\n"
    "|        self.kept = b\"\"  # of a message\n"
    "|\n"
    "|    def message(self, kind, form, *values):\n"
    "|        body, number = struct.pack(form, *values), self.answers\n"
    "|        self.answers = (number + 1) % 2**32\n"
    "|        return HEADER.pack(1, kind, HEADER.size + len(body), number,\n"
    "|                           time.time_ns()) + body\n"
    "|\n"
    "|    def is_new(self, number):\n"
    "|        \"\"\"Or is it a duplicate?\"\"\"\n"
    "|        first = self.highest is None\n"
    "|        ahead = 0 if first else (number - self.highest) % 2**32\n"
    "|        behind = -ahead % 2**32\n"
    "|        if 0 < ahead <= 1024:\n"
    "|            self.window = (self.window << ahead | 1) % 2**64\n"
    "|            self.highest, self.expected = number, None\n"
    "|            return True\n"
    "|        if first or behind >= 64:\n"
    "|            if not first and number != self.expected:\n"
    "|                self.expected = (number + 1) % 2**32\n"
    "|                raise Refused(SEQUENCE)\n"
    "|            self.highest, self.expected = number, None\n"
    "|            self.window = 2**64 - 1  # none before it is missing\n"
    "|            return True\n"
    "|        new = not self.window >> behind & 1\n"
    "|        self.window |= 1 << behind\n"
    "|        return new\n"
    "|\n"
    "|    def take(self, number, message):\n"
    "|        reading = parse(message)\n"
    "|        if reading is None:\n"
    "|            return b\"\"  # an answer is not answered\n"
    "|        sensor, period, kind, value = reading\n"
    "|        new = self.is_new(number)\n"
    "|        if sensor not in self.sensors and len(self.sensors) == 16:\n"
    "|            raise Refused(SENSORS)\n"
    "|        was, count, mean = self.sensors.get(sensor, (kind, 0, 0.0))\n"
    "|        if was != kind:\n"
    "|            raise Refused(CHANGED)\n"
    "|        if new:\n"
    "|            count += 1\n"
    "|            mean = mean * ((count - 1) / count) + value / count\n"
    "|        self.sensors[sensor] = kind, count, mean\n"
    "|        if COMMAND and period and period != COMMAND:\n"
    "|            return self.message(PERIOD, \"!IH\", number, COMMAND)\n"
    "|        return self.message(ACK, \"!IHId\", number, sensor, count, "
    "mean)\n"
    "|\n"
    "|    def answer(self, message):\n"
    "|        number = 0\n"
    "|        if len(message) >= 8:\n"
    "|            number = struct.unpack_from(\"!I\", message, 4)[0]\n"
    "|        try:\n"
    "|            return self.take(number, message)\n"
    "|        except Refused as why:\n"
    "|            return self.message(ERROR, \"!IB\", number, why.args[0])\n"
    "|\n"
    "|\n";

static const char telemetry_stream[] =
    "|def answers(peer, data):\n"
    "|    \"\"\"To whole messages; is it known where the next begins?\"\"\"\n"
    "|    peer.kept += data\n"
    "|    replies = []\n"
    "|    while peer.kept:\n"
    "|        fault, length = 0, 16\n"
    "|        if len(peer.kept) >= 4:\n"
    "|            length = struct.unpack_from(\"!H\", peer.kept, 2)[0]\n"
    "|        if peer.kept[0] != 1:\n"
    "|            fault = VERSION\n"
    "|        elif not 16 <= length <= 64:\n"
    "|            fault = LENGTH\n"
    "|        if fault:\n"
    "|            replies.append(peer.message(ERROR, \"!IB\", 0, fault))\n"
    "|            return b\"\".join(replies), False\n"
    "|        if len(peer.kept) < length:\n"
    "|            break\n"
    "|        replies.append(peer.answer(peer.kept[:length]))\n"
    "|        peer.kept = peer.kept[length:]\n"
    "|    return b\"\".join(replies), True\n"
    "|\n"
    "|\n";

static const char telemetry_datagrams[] =
    "|peers = {}\n"
    "|\n"
    "|\n"
    "|def answer(data, addr):\n"
    "|    return peers.setdefault(addr, Peer()).answer(data)\n"
    "|\n"
    "|\n";

static const char telemetry_serve[] =
    "|def serve(conn, addr):\n"
    "|    peer, good = Peer(), True\n"
    "close:conn|    with conn:\n"
    "|        while good:\n"
    "recv|            data = conn.recv(@RECV@)\n"
    "|            if not data:\n"
    "|                break\n"
    "|            reply, good = answers(peer, data)\n"
    "|            if reply:\n"
    "send|                conn.sendall(reply)\n";

const struct pycode_service pycode_telemetry = {
    .name = "telemetry",
    .imports = "|import math\n|import struct\n|import time\n",
    .functions = telemetry_functions,
    .keeps = telemetry_keeps,
    .on_stream = telemetry_stream,
    .on_datagrams = telemetry_datagrams,
    .serve = telemetry_serve,
    .opened = "|        self.peer = Peer()\n",
    .received = "|        reply, good = answers(self.peer, data)\n"
		"|        self.out += reply\n"
		"|        self.done = not good\n",
    .more = "",
    .answer = "answer(data, addr)",
    .silent = true,
};

static const char telemetry_client[] =
    "|def reading(number, value):\n"
    "|    body = struct.pack(\"!HHcd\", SENSOR, period, b\"d\", value)\n"
    "|    return HEADER.pack(1, READING, HEADER.size + len(body), number,\n"
    "|                       time.time_ns()) + body\n"
    "|\n"
    "|\n"
    "|def explain(message):\n"
    "|    global period\n"
    "|    try:\n"
    "|        version, kind, length, _, _ = HEADER.unpack(message[:16])\n"
    "|        if version != 1 or length != len(message):\n"
    "|            raise struct.error(\"version or length are wrong\")\n"
    "|        if kind == ACK:\n"
    "|            of, sensor, count, mean = struct.unpack(\"!IHId\", "
    "message[16:])\n"
    "|            print(f\"ACK of {of}: sensor {sensor}, {count} readings, \"\n"
    "|                  f\"mean {mean:.2f}\", flush=True)\n"
    "|        elif kind == PERIOD:\n"
    "|            of, wanted = struct.unpack(\"!IH\", message[16:])\n"
    "|            period = wanted or period\n"
    "|            print(f\"PERIOD {wanted} ms\", flush=True)\n"
    "|        elif kind == ERROR:\n"
    "|            of, reason = struct.unpack(\"!IB\", message[16:])\n"
    "|            print(f\"ERROR {reason} of {of}\", flush=True)\n"
    "|    except struct.error as error:\n"
    "|        print(\"no answer of telemetry:\", error, flush=True)\n"
    "|\n"
    "|\n";

const struct pycode_talk pycode_telemetry_talk = {
    .imports = "|import random\n|import socket\n|import struct\n"
	       "|import threading\n|import time\n",
    .constants = HEADER
    "|SENSOR, READINGS = 1, 1000\n"
    "|period = 200  # milliseconds; the server may command another\n",
    .functions = telemetry_client,
    .each = "|    value = 22.5\n"
	    "|    for number in range(READINGS):\n"
	    "|        value += random.uniform(-0.4, 0.4)\n",
    .message = "reading(number, value)",
    .pause = "|        time.sleep(period / 1000)\n",
    .begin = "|    kept = b\"\"\n",
    .stream = "|        kept += data\n"
	      "|        while len(kept) >= 4:\n"
	      "|            length = struct.unpack_from(\"!H\", kept, 2)[0]\n"
	      "|            if not 16 <= length <= 64:\n"
	      "|                print(\"no message begins here\", flush=True)\n"
	      "|                return\n"
	      "|            if len(kept) < length:\n"
	      "|                break\n"
	      "|            explain(kept[:length])\n"
	      "|            kept = kept[length:]\n",
    .datagram = "|        explain(data)\n",
};

/* clang-format on */
