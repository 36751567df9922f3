"""The only impure package: whole files with checksums, tables and arrays in parts, logs."""
