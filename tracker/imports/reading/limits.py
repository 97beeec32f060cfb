"""How much one file may cost: an office's largest files fit, hostile ones stop here."""

MAX_BYTES = 100 * 1024**2
MAX_ROWS = 600_000
MAX_COLUMNS = 300
MAX_CELL_CHARACTERS = 32_767  # Excel's own limit

MAX_ZIP_ENTRIES = 5_000
MAX_UNPACKED_BYTES = 1024**3
MAX_UNPACKED_RATIO = 200
RATIO_FREE_BYTES = 1024**2  # tiny parts that pack well harm nobody

MEMORY_BYTES = 1536 * 1024**2  # 600,000 rows of 13 columns need about half
CPU_SECONDS = 60
OPENING_SECONDS = 20  # until the first row arrives
READING_SECONDS = 120  # all waiting for rows together, without the time the reader itself takes
