/*
 * The frames that programs are put into: one for each server model, and
 * clients.
 */
#include "net/pycode_impl.h"

/* clang-format off: one line here is one line there */

const char pycode_blocking_server[] =
    "@IMPORTS@"
    "|import socket\n"
    "@THREADING@"
    "@CONSTANTS_OF_SERVER@"
    "@FUNCTIONS@"
    "@SERVE@"
    "|\n"
    "|\n"
    "@UNLINK@"
    "socket,close:listener|with socket.socket(socket.@FAMILY@, "
    "socket.SOCK_STREAM) as s:\n"
    "@REUSEADDR@"
    "getaddrinfo,bind|    s.bind(@ADDRESS@)\n"
    "listen|    s.listen(@BACKLOG@)\n"
    "|    while True:\n"
    "accept|        conn, addr = s.accept()\n"
    "@LOOK_AFTER@";

const char pycode_one_at_a_time[] =
    "|        try:\n"
    "|            serve(conn, addr)\n"
    "|        except ConnectionError as error:\n"
    "|            print(addr, error)\n";

const char pycode_a_thread_each[] =
    "|        threading.Thread(target=serve, args=(conn, addr),\n"
    "|                         daemon=True).start()\n";

const char pycode_event_server[] =
    "@IMPORTS@"
    "|import selectors\n"
    "|import socket\n"
    "@CONSTANTS_OF_SERVER@"
    "epoll_create1|sel = selectors.DefaultSelector()\n"
    "|\n"
    "|\n"
    "@FUNCTIONS@"
    "|class Client:\n"
    "|    \"\"\"What a thread would keep on its stack.\"\"\"\n"
    "|\n"
    "|    def __init__(self, conn, addr):\n"
    "|        self.conn = conn\n"
    "|        self.out = b\"\"  # there was no room for it yet\n"
    "|        self.done = False  # close once that is sent\n"
    "@OPENED@"
    "|\n"
    "|    def received(self, data):\n"
    "@RECEIVED@"
    "@MORE@"
    "|\n"
    "|\n"
    "|def accept(s):\n"
    "accept|    conn, addr = s.accept()\n"
    "|    conn.setblocking(False)\n"
    "|    client = Client(conn, addr)\n"
    "epoll_ctl:add|    sel.register(conn, selectors.EVENT_READ, client)\n"
    "|    send(client)\n"
    "|\n"
    "|\n"
    "|def receive(client):\n"
    "|    try:\n"
    "recv|        data = client.conn.recv(@RECV@)\n"
    "|    except BlockingIOError:\n"
    "|        return\n"
    "|    except ConnectionError:\n"
    "|        data = b\"\"\n"
    "|    if data:\n"
    "|        client.received(data)\n"
    "|    else:\n"
    "|        client.done = True\n"
    "|    send(client)\n"
    "|\n"
    "|\n"
    "|def send(client):\n"
    "@SEND_MORE@"
    "|    try:\n"
    "|        while client.out:\n"
    "send|            n = client.conn.send(client.out)\n"
    "|            client.out = client.out[n:]\n"
    "|    except BlockingIOError:\n"
    "|        pass  # the rest when there is room\n"
    "|    except ConnectionError:\n"
    "|        client.out, client.done = b\"\", True\n"
    "|    if client.done and not client.out:\n"
    "|        sel.unregister(client.conn)\n"
    "close:conn|        client.conn.close()\n"
    "|    else:\n"
    "@WANTS@"
    "epoll_ctl:mod|        sel.modify(client.conn, wants, client)\n"
    "|\n"
    "|\n"
    "@UNLINK@"
    "socket,close:listener|with socket.socket(socket.@FAMILY@, "
    "socket.SOCK_STREAM) as s:\n"
    "@REUSEADDR@"
    "getaddrinfo,bind|    s.bind(@ADDRESS@)\n"
    "listen|    s.listen(@BACKLOG@)\n"
    "|    s.setblocking(False)\n"
    "epoll_ctl:listener|    sel.register(s, selectors.EVENT_READ)\n"
    "|    while True:\n"
    "epoll_wait|        for key, events in sel.select():\n"
    "|            if key.fileobj is s:\n"
    "|                accept(s)\n"
    "|            elif events & selectors.EVENT_WRITE:\n"
    "|                send(key.data)\n"
    "|            else:\n"
    "|                receive(key.data)\n";

const char pycode_more_method[] = "|\n"
				  "|    def more(self):\n"
				  "@MORE_BODY@";

const char pycode_send_more[] =
    "|    client.out = client.out or client.more()\n";

const char pycode_datagram_server[] =
    "@IMPORTS@"
    "@SELECTORS@"
    "|import socket\n"
    "@THREADING@"
    "@CONSTANTS_OF_SERVER@"
    "@FUNCTIONS@"
    "@UNLINK@"
    "socket,close|with socket.socket(socket.@FAMILY@, socket.SOCK_DGRAM) as "
    "s:\n"
    "getaddrinfo,bind|    s.bind(@ADDRESS@)\n"
    "@JOIN@"
    "@SELECTOR@"
    "@COUNT@"
    "|    while True:\n"
    "@SELECT@"
    "recvfrom|        data, addr = s.recvfrom(@RECV@)\n"
    "@ANSWER_IT@";

const char pycode_join_group[] =
    "setsockopt|    s.setsockopt(socket.IPPROTO_IP, "
    "socket.IP_ADD_MEMBERSHIP,\n"
    "|                 socket.inet_aton(HOST) + "
    "socket.inet_aton(\"0.0.0.0\"))\n";

const char pycode_join_group6[] =
    "setsockopt|    s.setsockopt(socket.IPPROTO_IPV6, "
    "socket.IPV6_JOIN_GROUP,\n"
    "|                 socket.inet_pton(socket.AF_INET6, HOST) + bytes(4))\n";

const char pycode_selector[] =
    "|    s.setblocking(False)\n"
    "epoll_create1|    sel = selectors.DefaultSelector()\n"
    "epoll_ctl|    sel.register(s, selectors.EVENT_READ)\n";

const char pycode_answer_here[] =
    "@IF_NAMED@"
    "sendto|        @IN@s.sendto(@ANSWER@, addr)\n";

const char pycode_answer_thread[] =
    "@IF_NAMED@"
    "sendto|        @IN@threading.Thread(target=s.sendto,\n"
    "|        @IN@                 args=(@ANSWER@, addr)).start()\n";

const char pycode_if_named[] =
    "|        if addr:  # only who has a name can be answered\n";

const char pycode_if_any[] = "|        reply = @REPLY@\n"
			     "|        if @ADDR_AND@reply:\n";

const char pycode_count_it[] =
    "|        count += len(data)\n"
    "|        print(f\"{count} bytes\", flush=True)\n";

const char pycode_first_of_each[] = "|next_first = {}\n"
				    "|\n"
				    "|\n"
				    "|def next_line(addr):\n"
				    "|    first = next_first.get(addr, 0)\n"
				    "|    next_first[addr] = (first + 1) % 95\n"
				    "|    return line(first)\n"
				    "|\n"
				    "|\n";

const char pycode_stream_client[] =
    "@IMPORTS@"
    "|\n"
    "@CONSTANTS@"
    "@TALK_CONSTANTS@"
    "|\n"
    "|\n"
    "@FUNCTIONS@"
    "|def receive(s):\n"
    "@BEGIN@"
    "|    while True:\n"
    "recv|        data = s.recv(@RECV@)\n"
    "|        if not data:\n"
    "|            break\n"
    "@TAKE@"
    "|\n"
    "|\n"
    "socket,close|with socket.socket(socket.@FAMILY@, socket.SOCK_STREAM) as "
    "s:\n"
    "getaddrinfo,connect|    s.connect(@ADDRESS@)\n"
    "|    reader = threading.Thread(target=receive, args=(s,))\n"
    "|    reader.start()\n"
    "@EACH@"
    "send|        s.sendall(@MESSAGE@)\n"
    "@PAUSE@"
    "shutdown|    s.shutdown(socket.SHUT_WR)\n"
    "|    reader.join()\n";

const char pycode_datagram_client[] =
    "@IMPORTS@"
    "|\n"
    "@CONSTANTS@"
    "@TALK_CONSTANTS@"
    "|\n"
    "|\n"
    "@FUNCTIONS@"
    "|def receive(s):\n"
    "|    while True:\n"
    "@RECEIVE@"
    "@TAKE@"
    "|\n"
    "|\n"
    "socket,close|with socket.socket(socket.@FAMILY@, socket.SOCK_DGRAM) as "
    "s:\n"
    "@NAME@"
    "@CONNECT@"
    "|    reader = threading.Thread(target=receive, args=(s,),\n"
    "|                              daemon=True)\n"
    "@START_FIRST@"
    "@EACH@"
    "@SEND@"
    "@START_LATER@"
    "@PAUSE@"
    "|    if reader.is_alive():\n"
    "|        reader.join(1)  # datagrams have no end: wait a second\n";

const struct pycode_talk pycode_lines_talk = {
    .imports = "|import socket\n|import sys\n|import threading\n",
    .constants = "",
    .functions = "",
    .each = "|    for line in sys.stdin.buffer:\n",
    .message = "line",
    .pause = "",
    .begin = "",
    .stream = "|        sys.stdout.buffer.write(data)\n"
	      "|        sys.stdout.buffer.flush()\n",
    .datagram = "|        sys.stdout.buffer.write(data)\n"
		"|        sys.stdout.buffer.flush()\n",
};

const char pycode_start_later[] =
    "|        if not reader.is_alive():\n"
    "|            reader.start()  # now the socket has an address\n";

/* clang-format on */
