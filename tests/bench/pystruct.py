"""packing and unpacking by a compiled struct format, to Python's struct"""
import random, statistics, struct, subprocess, sys, time

from common import compile_tool, row

FORMATS = [
    ('a reading: ids, time, values, name', '!BBHIQId?8s', 2000),
    ('the same, little-endian', '<BBHIQId?8s', 2000),
    ('five numbers', '<IHhqd', 2000),
    ('a thermal block', '<768h', 40),
    ('the same, network order', '!768h', 40),
    ('100 doubles', '!100d', 200),
]
ROUNDS = 15


def random_records(fmt, count):
    """Values as a sensor has them: not the small integers kept by Python."""
    rng = random.Random(1)
    size = struct.calcsize(fmt)
    records = []
    for _ in range(count):
        values = struct.unpack(fmt, rng.randbytes(size))
        records.append(tuple(rng.uniform(-100, 100) if isinstance(v, float)
                             else v for v in values))
    return records


def best_ns(count, run):
    best = float('inf')
    for _ in range(ROUNDS):
        start = time.perf_counter_ns()
        run()
        best = min(best, time.perf_counter_ns() - start)
    return best / count


def python_ns(fmt, records, data):
    s = struct.Struct(fmt)
    pack, iter_unpack = s.pack, s.iter_unpack

    def pack_all():
        for record in records:
            pack(*record)

    def unpack_all():
        for _ in iter_unpack(data):
            pass

    return best_ns(len(records), pack_all), best_ns(len(records), unpack_all)


def bench():
    print(f'pystruct: ns a record, Python {sys.version.split()[0]} and ours, '
          f'5 alternating rounds')
    tool = compile_tool('pystruct', 'net', 'base')
    for what, fmt, count in FORMATS:
        records = random_records(fmt, count)
        data = b''.join(struct.pack(fmt, *r) for r in records)
        ratios = {'pack': [], 'unpack': []}
        for _ in range(5):
            theirs = python_ns(fmt, records, data)
            out = subprocess.run([tool, fmt, str(ROUNDS)], input=data,
                                 capture_output=True, check=True).stdout
            ours = [float(word) for word in out.split()]
            for verb, a, b in zip(ratios, theirs, ours):
                ratios[verb].append((a / b, a, b))
        for verb, rounds in ratios.items():
            ratio, a, b = statistics.median_low(rounds)
            row(f'{what}: {verb}', f'{a:.0f} / {b:.1f}',
                f'{ratio:.1f} times, aim 10')
