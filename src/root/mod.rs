//! THE file layer: the only room that touches files.
