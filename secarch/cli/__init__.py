"""The command line.

Its imports make tens of thousands of objects and drop almost none. The collector would look through
them again and again, which is a tenth of the time of `--help`, so it looks rarely until a stage
begins.
"""

import gc

COLLECTED = gc.get_threshold()
"""How often the collector looks in Python; `Invocation.session` sets it again."""
gc.set_threshold(100_000, *COLLECTED[1:])
