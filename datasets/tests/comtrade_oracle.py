"""Makes comtrade_oracle.csv: what an independent reader finds in a folder of COMTRADE files.

In comes the name of the folder, out goes the table on standard output; the test `comtrade` compares it with this crate.
Made anew with

    python3 -m venv target/oracle && target/oracle/bin/pip install comtrade==0.2.0
    target/oracle/bin/python datasets/tests/comtrade_oracle.py ../shared/waveforms/comtrade >datasets/tests/comtrade_oracle.csv

Per channel: count of samples, count of missing ones, first, last, least and greatest value, exact sum of the values, and a
hash over the bits of all values in their order (FNV-1a, 64 bits; a missing one counts as the bits 0x7ff8000000000000). No
other values of the recordings are kept.
"""

import math
import os
import struct
import sys

import comtrade


def load(path):
    """Reads a file in double precision. That reader knows no blank lines between samples, which one file has."""
    record = comtrade.Comtrade(ignore_warnings=True, use_double_precision=True)
    stem, extension = os.path.splitext(path)
    if extension.lower() == ".cff":
        record.load(path, encoding="latin-1")
        return record
    dat = stem + (".DAT" if extension == ".CFG" else ".dat")
    text = open(path, encoding="latin-1").read()
    data = open(dat, "rb").read()
    if text.upper().count("ASCII"):
        data = "\n".join(line for line in data.decode("latin-1").splitlines() if line.strip())
    record.read(text, data)
    return record


def digest(values):
    """Statistics and hash of a channel."""
    numbers = [value for value in values if not math.isnan(value)]
    bits = b"".join(struct.pack("<d", math.nan if math.isnan(value) else value) for value in values)
    fnv = 0xCBF29CE484222325
    for byte in bits:
        fnv = (fnv ^ byte) * 0x100000001B3 % 2**64
    found = [values[0], values[-1], min(numbers), max(numbers), math.fsum(numbers)]
    return [len(values), len(values) - len(numbers)] + [repr(float(value)) for value in found] + [f"{fnv:016x}"]


def main(folder):
    print("file,kind,channel,count,missing,first,last,min,max,sum,fnv")
    for name in sorted(os.listdir(folder)):
        if os.path.splitext(name)[1].lower() not in (".cfg", ".cff"):
            continue
        record = load(os.path.join(folder, name))
        rows = [("time", 0, record.time)]
        rows += [("analog", n, values) for n, values in enumerate(record.analog)]
        rows += [("status", n, values) for n, values in enumerate(record.status)]
        for kind, channel, values in rows:
            print(",".join(map(str, [name, kind, channel] + digest(list(map(float, values))))))


main(sys.argv[1])
