//! Disclosure control on random tables: what is published is attacked by the
//! built-in attacker and by trying out all numbers, which shares nothing with
//! either.

mod brute_force;
mod codes;
mod leaks;
mod links;
mod random_tables;
mod rules;
mod tables;
