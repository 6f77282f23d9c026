//! An analysed study in the formats of the outside world.
