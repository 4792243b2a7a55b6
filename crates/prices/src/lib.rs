//! Model prices: the table, matching and explaining.
