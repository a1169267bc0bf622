/*
 * The services, in Python.
 */
#include <string.h>

#include "net/pycode_impl.h"

/* clang-format off: one line here is one line there */

static const char echo_serve[] = "|def serve(conn, addr):\n"
				 "close:conn|    with conn:\n"
				 "|        while True:\n"
				 "recv|            data = conn.recv(@RECV@)\n"
				 "|            if not data:\n"
				 "|                break\n"
				 "send|            conn.sendall(data)\n";

static const char hello_serve[] =
    "|def serve(conn, addr):\n"
    "close:conn|    with conn:\n"
    "send|        conn.sendall(f\"Hello @PEER@\\n\".encode())\n";

static const char greet_serve[] =
    "|def serve(conn, addr):\n"
    "close:conn|    with conn:\n"
    "send:first|        conn.sendall(b\"The greeting server\\n\"\n"
    "|                     b\"What is your name? \")\n"
    "recv|        name = conn.recv(@RECV@)\n"
    "|        if name:\n"
    "|            name = name.rstrip(b\"\\r\\n\")\n"
    "send:later|            conn.sendall(b\"Hello \" + name + b\"\\n\")\n";

static const char reply_serve[] =
    "|def serve(conn, addr):\n"
    "close:conn|    with conn:\n"
    "send:first|        conn.sendall(b\"Welcome to the server. \"\n"
    "|                     b\"Say something.\\n\")\n"
    "|        while True:\n"
    "recv|            data = conn.recv(@RECV@)\n"
    "|            if not data:\n"
    "|                break\n"
    "send:later|            conn.sendall(b\"OK...\" + data)\n";

static const char line_functions[] =
    "|def answer(kept):\n"
    "|    \"\"\"The answer to whole lines, and what is no line yet.\"\"\"\n"
    "|    *lines, kept = kept.split(b\"\\n\")\n"
    "|    return b\"\".join(b\"line: \" + line + b\"\\n\"\n"
    "|                    for line in lines), kept\n"
    "|\n"
    "|\n";

static const char line_serve[] =
    "|def serve(conn, addr):\n"
    "|    kept = b\"\"\n"
    "close:conn|    with conn:\n"
    "|        while len(kept) <= 8192:\n"
    "recv|            data = conn.recv(@RECV@)\n"
    "|            if not data:\n"
    "|                break\n"
    "|            reply, kept = answer(kept + data)\n"
    "send|            conn.sendall(reply)\n"
    "|        else:\n"
    "send|            conn.sendall(b\"line too long\\n\")\n";

static const char chat_serve[] =
    "|def serve(conn, addr):\n"
    "close:conn|    with conn:\n"
    "|        while True:\n"
    "recv|            data = conn.recv(@RECV@)\n"
    "|            if not data:\n"
    "|                break\n"
    "send|            conn.sendall(data)\n"
    "|            if data.rstrip(b\"\\r\\n\") in (b\"bye\", b\"end\"):\n"
    "|                break\n";

static const char http_functions[] =
    "@FIND_PAGE@"
    "|def answer(head):\n"
    "|    \"\"\"The answer to a request; does the connection stay?\"\"\"\n"
    "|    first, *lines = head.decode(\"latin-1\").split(\"\\r\\n\")\n"
    "|    fields = {}\n"
    "|    for line in lines:\n"
    "|        name, _, value = line.partition(\":\")\n"
    "|        fields[name.lower()] = value.strip().lower()\n"
    "|    method, target, version = (first.split() + [\"\"] * 3)[:3]\n"
    "|    keep = version == \"HTTP/1.1\"\n"
    "|    keep = keep and fields.get(\"connection\") != \"close\"\n"
    "|    status, body = \"200 OK\", find_page(target.split(\"?\")[0])\n"
    "|    if not version.startswith(\"HTTP/1.\"):\n"
    "|        status, body, keep = \"400 Bad Request\", None, False\n"
    "|    elif method not in (\"GET\", \"HEAD\"):\n"
    "|        status, body = \"405 Method Not Allowed\", None\n"
    "|        keep = False  # its body is not read\n"
    "|    elif body is None:\n"
    "|        status = \"404 Not Found\"\n"
    "|    if body is None:\n"
    "|        body = (status + \"\\n\").encode()\n"
    "|    kind = \"html\" if status.startswith(\"200\") else \"plain\"\n"
    "|    connection = \"keep-alive\" if keep else \"close\"\n"
    "|    head = (f\"HTTP/1.1 {status}\\r\\n\"\n"
    "|            f\"Content-Type: text/{kind}; charset=utf-8\\r\\n\"\n"
    "|            f\"Content-Length: {len(body)}\\r\\n\"\n"
    "|            f\"Connection: {connection}\\r\\n\\r\\n\").encode()\n"
    "|    return head + (b\"\" if method == \"HEAD\" else body), keep\n"
    "|\n"
    "|\n";

const char pycode_http_page[] =
    "|PAGE = (b\"<!doctype html>\\n<title>sockdeck</title>\\n\"\n"
    "|        b\"<h1>It works</h1>\\n\"\n"
    "|        b\"<p>This page came over HTTP: a request line, \"\n"
    "|        b\"header fields, an empty line,\\nand back a status \"\n"
    "|        b\"line, header fields, an empty line and these \"\n"
    "|        b\"bytes.</p>\\n\")\n"
    "|\n"
    "|\n"
    "|def find_page(path):\n"
    "|    return PAGE if path in (\"/\", \"/index.html\") else None\n"
    "|\n"
    "|\n";

const char pycode_http_root[] =
    "|ROOT = pathlib.Path(os.fsdecode(@ROOT@)).resolve()\n"
    "|\n"
    "|\n"
    "|def find_page(path):\n"
    "|    path = urllib.parse.unquote(path).lstrip(\"/\")\n"
    "|    file = ROOT.joinpath(path).resolve()\n"
    "|    if file.is_dir():\n"
    "|        file /= \"index.html\"\n"
    "|    inside = ROOT in file.parents\n"
    "|    return file.read_bytes() if inside and file.is_file() else None\n"
    "|\n"
    "|\n";

static const char http_serve[] =
    "|def serve(conn, addr):\n"
    "|    kept, keep = b\"\", True\n"
    "close:conn|    with conn:\n"
    "|        while keep:\n"
    "recv|            data = conn.recv(@RECV@)\n"
    "|            if not data:\n"
    "|                break\n"
    "|            kept += data\n"
    "|            while keep and b\"\\r\\n\\r\\n\" in kept:\n"
    "|                head, _, kept = kept.partition(b\"\\r\\n\\r\\n\")\n"
    "|                reply, keep = answer(head)\n"
    "send|                conn.sendall(reply)\n";

static const char sink_serve[] =
    "|def serve(conn, addr):\n"
    "|    count = calls = 0\n"
    "close:conn|    with conn:\n"
    "|        while True:\n"
    "recv|            data = conn.recv(@RECV@)\n"
    "|            if not data:\n"
    "|                break\n"
    "|            count += len(data)\n"
    "|            calls += 1\n"
    "|    print(f\"{count} bytes in {calls} recv() calls\", flush=True)\n";

static const char chargen_functions[] =
    "|def line(first):\n"
    "|    \"\"\"72 of the 95 printing characters (RFC 864).\"\"\"\n"
    "|    codes = (32 + (first + i) % 95 for i in range(72))\n"
    "|    return bytes(codes) + b\"\\r\\n\"\n"
    "|\n"
    "|\n"
    "@FIRST@";

static const char chargen_serve[] =
    "|def serve(conn, addr):\n"
    "|    first = 0\n"
    "close:conn|    with conn:\n"
    "|        try:\n"
    "|            while True:\n"
    "|                block = b\"\".join(line(first + i) for i in range(56))\n"
    "send|                conn.sendall(block)\n"
    "|                first = (first + 56) % 95\n"
    "|        except ConnectionError:\n"
    "|            pass  # the client has had enough\n";

static const char daytime_functions[] =
    "|def now():\n"
    "|    form = \"%A, %B %d, %Y %H:%M:%S-%Z\\r\\n\"\n"
    "|    return time.strftime(form).encode()\n"
    "|\n"
    "|\n";

static const char daytime_serve[] = "|def serve(conn, addr):\n"
				    "close:conn|    with conn:\n"
				    "send|        conn.sendall(now())\n";

static const struct pycode_service services[] = {
    {
	.name = "echo",
	.functions = "",
	.serve = echo_serve,
	.opened = "",
	.received = "|        self.out += data\n",
	.more = "",
	.answer = "data",
    },
    {
	.name = "hello",
	.functions = "",
	.serve = hello_serve,
	.opened = "|        self.out += f\"Hello @PEER@\\n\".encode()\n"
		  "|        self.done = True\n",
	.received = "|        pass\n",
	.more = "",
    },
    {
	.name = "greet",
	.functions = "",
	.serve = greet_serve,
	.opened = "|        self.out += b\"The greeting server\\n\"\n"
		  "|        self.out += b\"What is your name? \"\n",
	.received = "|        name = data.rstrip(b\"\\r\\n\")\n"
		    "|        self.out += b\"Hello \" + name + b\"\\n\"\n"
		    "|        self.done = True\n",
	.more = "",
    },
    {
	.name = "reply",
	.functions = "",
	.serve = reply_serve,
	.opened = "|        self.out += b\"Welcome to the server. \"\n"
		  "|        self.out += b\"Say something.\\n\"\n",
	.received = "|        self.out += b\"OK...\" + data\n",
	.more = "",
    },
    {
	.name = "line",
	.functions = line_functions,
	.serve = line_serve,
	.opened = "|        self.kept = b\"\"\n",
	.received = "|        reply, self.kept = answer(self.kept + data)\n"
		    "|        self.out += reply\n"
		    "|        if len(self.kept) > 8192:\n"
		    "|            self.out += b\"line too long\\n\"\n"
		    "|            self.done = True\n",
	.more = "",
    },
    {
	.name = "chat",
	.functions = "",
	.serve = chat_serve,
	.opened = "",
	.received =
	    "|        self.out += data\n"
	    "|        if data.rstrip(b\"\\r\\n\") in (b\"bye\", b\"end\"):\n"
	    "|            self.done = True\n",
	.more = "",
    },
    {
	.name = "http",
	.functions = http_functions,
	.serve = http_serve,
	.opened = "|        self.kept = b\"\"\n",
	.received =
	    "|        self.kept += data\n"
	    "|        while not self.done and b\"\\r\\n\\r\\n\" in self.kept:\n"
	    "|            head, _, self.kept = "
	    "self.kept.partition(b\"\\r\\n\\r\\n\")\n"
	    "|            reply, keep = answer(head)\n"
	    "|            self.out += reply\n"
	    "|            self.done = not keep\n",
	.more = "",
    },
    {
	.name = "sink",
	.functions = "",
	.serve = sink_serve,
	.opened = "|        self.count = 0\n",
	.received = "|        self.count += len(data)\n",
	.more = "",
	.answer = "",
    },
    {
	.name = "chargen",
	.functions = chargen_functions,
	.serve = chargen_serve,
	.opened = "|        self.first = 0\n",
	.received = "|        pass\n",
	.more =
	    "|        first, self.first = self.first, (self.first + 56) % 95\n"
	    "|        return b\"\".join(line(first + i) for i in range(56))\n",
	.answer = "next_line(addr)",
    },
    {
	.name = "daytime",
	.functions = daytime_functions,
	.serve = daytime_serve,
	.opened = "|        self.out += now()\n"
		  "|        self.done = True\n",
	.received = "|        pass\n",
	.more = "",
	.answer = "now()",
	.imports = "|import time\n",
    },
};

/* clang-format on */

const struct pycode_service *
pycode_service_find(const char *name)
{
	for (size_t i = 0; i < sizeof services / sizeof *services; i++)
		if (strcmp(services[i].name, name) == 0)
			return &services[i];
	return strcmp(name, "struct") == 0      ? &pycode_struct
	       : strcmp(name, "telemetry") == 0 ? &pycode_telemetry
	       : strcmp(name, "thermal") == 0   ? &pycode_thermal
						: NULL;
}
