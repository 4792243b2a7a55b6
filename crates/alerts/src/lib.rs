//! Alert rules as pure functions over the change stream and a clock that is given.
