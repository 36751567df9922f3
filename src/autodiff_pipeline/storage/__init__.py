"""The only impure room: files written whole with checksums, tables and arrays in parts, logs."""
