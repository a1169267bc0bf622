#!/usr/bin/env python3
"""Compare NAME.verdicts beside this with what tshark says of NAME.pcap.

What stands in front of the bar must be the same, but for the lines of
DIFFERENCES. Prints what is not, and then fails.
"""
import glob
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
NAMES = ['retransmission', 'fast_retransmission', 'spurious_retransmission',
         'out_of_order', 'lost_segment', 'ack_lost_segment', 'duplicate_ack',
         'keep_alive', 'keep_alive_ack', 'zero_window', 'zero_window_probe',
         'zero_window_probe_ack', 'window_update', 'window_full',
         'reused_ports']
VALUES = ['duplicate_ack_num', 'duplicate_ack_frame', 'acks_frame', 'ack_rtt',
          'rto', 'rto_frame', 'bytes_in_flight', 'push_bytes_sent',
          'initial_rtt']


def tshark(path):
    fields = ['frame.number', 'tcp.stream', 'tcp.completeness']
    fields += ['tcp.analysis.' + n for n in NAMES + VALUES]
    command = ['tshark', '-n', '-r', path, '-T', 'fields', '-Y', 'tcp.stream']
    for f in fields:
        command += ['-e', f]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True).stdout
    for line in out.splitlines():
        values = line.split('\t')
        words = ['%s stream=%s completeness=%s' % tuple(values[:3])]
        words += [n for n, v in zip(NAMES, values[3:]) if v]
        words += ['%s=%s' % (n, v)
                  for n, v in zip(VALUES, values[3 + len(NAMES):]) if v]
        yield ' '.join(words)


def differences():
    """{case: {frame: what tshark prints}}; "" stands for nothing at all."""
    found, case = {}, None
    for line in open(os.path.join(HERE, 'DIFFERENCES')):
        words = line.split()
        if words and words[0] == 'case':
            case = found.setdefault(words[1], {})
        elif words and words[0].isdigit() and line[0] == ' ':
            case[words[0]] = '' if words[1:] == ['-'] else ' '.join(words)
    return found


def main():
    known, bad = differences(), False
    for path in sorted(glob.glob(os.path.join(HERE, '*.pcap'))):
        name = os.path.basename(path)[:-len('.pcap')]
        with open(path[:-len('pcap')] + 'verdicts') as f:
            ours = [line.split(' |')[0] for line in f]
        expected = {line.split()[0]: line for line in ours}
        expected.update(known.get(name, {}))
        theirs = {line.split()[0]: line for line in tshark(path)}
        for frame in sorted(set(expected) | set(theirs), key=int):
            a, b = expected.get(frame, ''), theirs.get(frame, '')
            if a != b:
                bad = True
                print('%s:\n  expected %s\n  tshark   %s' % (name, a, b))
    sys.exit(bad)


if __name__ == '__main__':
    main()
