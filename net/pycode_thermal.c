/*
 * The thermal camera, in Python. Not over datagrams: there one request has two
 * answers, and the textbook's loop has one.
 */
#include "net/pycode_impl.h"

/* clang-format off: one line here is one line there */

static const char functions[] =
    "|def frame(t):\n"
    "|    \"\"\"32 columns of 24 temperatures, each upward: a warm spot that "
    "moves.\"\"\"\n"
    "|    x0, y0 = 16 + 10 * math.cos(t), 12 + 8 * math.sin(t)\n"
    "|    return struct.pack(\"<768h\", *(\n"
    "|        int(100 * (20 + 15 * math.exp(-((x - x0)**2 + (y - y0)**2) / "
    "20)))\n"
    "|        for x in range(32) for y in range(24)))\n"
    "|\n"
    "|\n";

static const char serve[] =
    "|def serve(conn, addr):\n"
    "close:conn|    with conn:\n"
    "|        while True:\n"
    "recv|            request = conn.recv(@RECV@)  # whatever it says\n"
    "|            if not request:\n"
    "|                break\n"
    "send|            conn.sendall(frame(time.time()))\n";

const struct pycode_service pycode_thermal = {
    .name = "thermal",
    .imports = "|import math\n|import struct\n|import time\n",
    .functions = functions,
    .serve = serve,
    .opened = "",
    .received = "|        self.out += frame(time.time())\n",
    .more = "",
};
