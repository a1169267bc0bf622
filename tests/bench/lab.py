"""time until the hosts of a lab can be used"""
import os, subprocess

from common import LIMIT, compile_tool, row

USER = '1000'


def bench():
    print('lab: entering it, median of 31')
    tool = compile_tool('lab', 'net', 'proto', 'base', libraries=['mnl'])
    users = [[], [USER]] if os.getuid() == 0 else [[]]
    for hosts in 1, 2, 4:
        for user in users:
            done = subprocess.run([tool, str(hosts), '31', *user], check=True,
                                  capture_output=True, text=True,
                                  timeout=LIMIT)
            medium, ms = done.stdout.split()
            who = f'user {USER}' if user else 'as we are'
            row(f'{hosts} hosts, {medium}, {who}, ms', ms, 'aim < 20')
