// What the operations of a pickle do to its stack, as far as it matters for finding imports. Source: Python's `pickletools`.

/** Bytes of argument to pass over, for operations that push a value of no interest. */
export const SKIPS: Readonly<Record<number, number>> = {
  74: 4, // BININT
  75: 1, // BININT1
  77: 2, // BININT2
  78: 0, // NONE
  71: 8, // BINFLOAT
  130: 1, // EXT1
  131: 2, // EXT2
  132: 4, // EXT4
  136: 0, // NEWTRUE
  137: 0, // NEWFALSE
  143: 0, // EMPTY_SET
  151: 0, // NEXT_BUFFER
  93: 0, // EMPTY_LIST
  125: 0, // EMPTY_DICT
  41: 0, // EMPTY_TUPLE
};

/** Bytes of the length that stands before the argument. */
export const SKIPS_COUNTED: Readonly<Record<number, 1 | 4 | 8>> = {
  138: 1, // LONG1
  139: 4, // LONG4
  66: 4, // BINBYTES
  67: 1, // SHORT_BINBYTES
  142: 8, // BINBYTES8
  150: 8, // BYTEARRAY8
};

/** Values taken off, values put on. */
export const POPS: Readonly<Record<number, readonly [number, number]>> = {
  48: [1, 0], // POP
  81: [1, 1], // BINPERSID
  82: [2, 1], // REDUCE
  97: [1, 0], // APPEND
  98: [1, 0], // BUILD
  115: [2, 0], // SETITEM
  129: [2, 1], // NEWOBJ
  133: [1, 1], // TUPLE1
  134: [2, 1], // TUPLE2
  135: [3, 1], // TUPLE3
  146: [3, 1], // NEWOBJ_EX
};

/** Everything down to the mark goes; true where one value takes its place. */
export const POPS_TO_MARK: Readonly<Record<number, boolean>> = {
  49: false, // POP_MARK
  100: true, // DICT
  101: false, // APPENDS
  108: true, // LIST
  111: true, // OBJ
  116: true, // TUPLE
  117: false, // SETITEMS
  144: false, // ADDITEMS
  145: true, // FROZENSET
};
