/*!
Sixty-four bytes at a time: one bit for each byte of which something is true.

The vectors are those that every processor of the architecture has, so nothing is detected at run time; elsewhere loops
do the same, which the tests hold the vectors to.
*/

use std::ops::BitOr;

/// Bytes in a block.
pub(crate) const BLOCK: usize = 64;

/// Bytes in a vector.
const LANES: usize = 16;

#[cfg(target_arch = "x86_64")]
use x86_64::Vector;

#[cfg(not(target_arch = "x86_64"))]
use portable::Vector;

/// Sixteen bytes, or what is true of each: all bits or none.
#[derive(Clone, Copy)]
pub(crate) struct Lanes(Vector);

impl Lanes {
    /// The bytes that are `byte`.
    #[inline(always)]
    pub(crate) fn is(self, byte: u8) -> Lanes {
        Lanes(self.0.equal(byte))
    }

    /// The bytes from `low` to `high`.
    #[inline(always)]
    pub(crate) fn between(self, low: u8, high: u8) -> Lanes {
        Lanes(self.0.between(low, high))
    }
}

impl BitOr for Lanes {
    type Output = Lanes;

    #[inline(always)]
    fn bitor(self, other: Lanes) -> Lanes {
        Lanes(self.0.or(other.0))
    }
}

/// A block.
#[derive(Clone, Copy)]
pub(crate) struct Block([Vector; BLOCK / LANES]);

impl Block {
    #[inline(always)]
    pub(crate) fn new(bytes: &[u8; BLOCK]) -> Block {
        let (parts, _) = bytes.as_chunks();
        Block([Vector::new(&parts[0]), Vector::new(&parts[1]), Vector::new(&parts[2]), Vector::new(&parts[3])])
    }

    /// The bytes of which `test` says something, the first in the lowest bit.
    #[inline(always)]
    pub(crate) fn mask(&self, test: impl Fn(Lanes) -> Lanes) -> u64 {
        let part = |part: usize| u64::from(test(Lanes(self.0[part])).0.mask());
        part(0) | part(1) << LANES | part(2) << (2 * LANES) | part(3) << (3 * LANES)
    }

    /// The bytes that are no ASCII.
    #[inline(always)]
    pub(crate) fn wide(&self) -> u64 {
        self.mask(|bytes| bytes)
    }

    /// The bytes that `other` has in the same places.
    #[inline(always)]
    pub(crate) fn same(&self, other: &Block) -> u64 {
        let same = |part: usize| u64::from(self.0[part].same(other.0[part]).mask());
        same(0) | same(1) << LANES | same(2) << (2 * LANES) | same(3) << (3 * LANES)
    }
}

/// Which of the numbers in two rows are `number`: two bits for each, those of the first row lowest.
#[inline(always)]
pub(crate) fn equal_numbers(rows: [&[u16; 4]; 2], number: u16) -> u16 {
    let row = |row: &[u16; 4]| {
        let place = |place: usize| u64::from(row[place]) << (place as u32 * u16::BITS);
        place(0) | place(1) | place(2) | place(3)
    };
    Vector::of_rows(row(rows[0]), row(rows[1])).equal_numbers(number).mask()
}

/// Asks for what will be read soon, so that it comes from memory while other work is done. It changes no result; where the
/// architecture has no such request, nothing happens.
#[inline(always)]
pub(crate) fn fetch<T>(soon: &T) {
    #[cfg(target_arch = "x86_64")]
    safe_arch::prefetch_t0(soon);
    #[cfg(not(target_arch = "x86_64"))]
    let _ = soon;
}

/// The mask of the lowest `n` bits, of fewer than 64.
#[inline(always)]
pub(crate) fn low(n: u32) -> u64 {
    (1 << n) - 1
}

#[cfg(target_arch = "x86_64")]
mod x86_64 {
    use safe_arch::{
        bitor_m128i, cmp_eq_mask_i8_m128i, cmp_eq_mask_i16_m128i, load_unaligned_m128i, m128i, min_u8_m128i,
        move_mask_i8_m128i, set_i64_m128i, set_splat_i8_m128i, set_splat_i16_m128i, sub_i8_m128i,
    };

    #[derive(Clone, Copy)]
    pub(super) struct Vector(m128i);

    impl Vector {
        #[inline(always)]
        pub(super) fn new(bytes: &[u8; 16]) -> Vector {
            Vector(load_unaligned_m128i(bytes))
        }

        #[inline(always)]
        pub(super) fn of_rows(first: u64, second: u64) -> Vector {
            Vector(set_i64_m128i(second as i64, first as i64))
        }

        #[inline(always)]
        pub(super) fn equal_numbers(self, number: u16) -> Vector {
            Vector(cmp_eq_mask_i16_m128i(self.0, set_splat_i16_m128i(number as i16)))
        }

        #[inline(always)]
        pub(super) fn equal(self, byte: u8) -> Vector {
            self.same(Vector(set_splat_i8_m128i(byte as i8)))
        }

        #[inline(always)]
        pub(super) fn same(self, other: Vector) -> Vector {
            Vector(cmp_eq_mask_i8_m128i(self.0, other.0))
        }

        #[inline(always)]
        pub(super) fn between(self, low: u8, high: u8) -> Vector {
            let above = sub_i8_m128i(self.0, set_splat_i8_m128i(low as i8));
            Vector(cmp_eq_mask_i8_m128i(above, min_u8_m128i(above, set_splat_i8_m128i((high - low) as i8))))
        }

        #[inline(always)]
        pub(super) fn or(self, other: Vector) -> Vector {
            Vector(bitor_m128i(self.0, other.0))
        }

        /// The highest bit of each byte.
        #[inline(always)]
        pub(super) fn mask(self) -> u16 {
            move_mask_i8_m128i(self.0) as u16
        }
    }
}

#[cfg(any(test, not(target_arch = "x86_64")))]
mod portable {
    #[derive(Clone, Copy)]
    pub(super) struct Vector([u8; 16]);

    impl Vector {
        pub(super) fn new(bytes: &[u8; 16]) -> Vector {
            Vector(*bytes)
        }

        pub(super) fn of_rows(first: u64, second: u64) -> Vector {
            Vector((u128::from(first) | u128::from(second) << 64).to_le_bytes())
        }

        pub(super) fn equal_numbers(self, number: u16) -> Vector {
            let [low, high] = number.to_le_bytes();
            Vector(std::array::from_fn(|i| truth(self.0[i & !1] == low && self.0[i | 1] == high)))
        }

        pub(super) fn equal(self, byte: u8) -> Vector {
            self.same(Vector([byte; 16]))
        }

        pub(super) fn same(self, other: Vector) -> Vector {
            Vector(std::array::from_fn(|i| truth(self.0[i] == other.0[i])))
        }

        pub(super) fn between(self, low: u8, high: u8) -> Vector {
            Vector(self.0.map(|byte| truth((low..=high).contains(&byte))))
        }

        pub(super) fn or(self, other: Vector) -> Vector {
            Vector(std::array::from_fn(|i| self.0[i] | other.0[i]))
        }

        pub(super) fn mask(self) -> u16 {
            self.0.iter().rev().fold(0, |mask, byte| mask << 1 | u16::from(byte >> 7))
        }
    }

    fn truth(it_is: bool) -> u8 {
        if it_is { 0xff } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn each(bytes: &[u8; BLOCK], test: impl Fn(u8) -> bool) -> u64 {
        (0..BLOCK).fold(0, |mask, i| mask | u64::from(test(bytes[i])) << i)
    }

    proptest! {
        #[test]
        fn masks_have_a_bit_for_each_byte(bytes: [u8; 32], a: u8, b: u8, few in proptest::collection::vec(0..9u8, 32)) {
            let all: Vec<u8> = bytes.iter().copied().chain(few).collect();
            let all: &[u8; BLOCK] = all.first_chunk().unwrap();
            let block = Block::new(all);
            let (low, high) = (a.min(b), a.max(b));
            prop_assert_eq!(block.wide(), each(all, |byte| byte >= 0x80));
            prop_assert_eq!(block.mask(|v| v.is(a)), each(all, |byte| byte == a));
            prop_assert_eq!(block.mask(|v| v.between(low, high)), each(all, |byte| (low..=high).contains(&byte)));
            prop_assert_eq!(block.mask(|v| v.is(a) | v.between(1, 3)), each(all, |byte| byte == a || (1..=3).contains(&byte)));
            let mut turned = *all;
            turned.rotate_left(1);
            let same = (0..BLOCK).fold(0, |mask, i| mask | u64::from(all[i] == turned[i]) << i);
            prop_assert_eq!(block.same(&Block::new(&turned)), same);
        }

        #[test]
        fn numbers_are_found_where_they_stand(rows: [[u16; 4]; 2], few: [[bool; 4]; 2], which in 0..8usize) {
            for rows in [rows, few.map(|row| row.map(u16::from))] {
                for number in [rows[which / 4][which % 4], 0, 1, 0x8000, u16::MAX] {
                    let each = rows.as_flattened().iter().rev();
                    let wanted = each.fold(0, |mask, &held| mask << 2 | if held == number { 0b11 } else { 0 });
                    prop_assert_eq!(equal_numbers([&rows[0], &rows[1]], number), wanted);
                    let [first, second] =
                        rows.map(|row| row.iter().rev().fold(0, |all, &held| all << 16 | u64::from(held)));
                    prop_assert_eq!(portable::Vector::of_rows(first, second).equal_numbers(number).mask(), wanted);
                }
            }
        }

        #[test]
        fn vectors_do_what_loops_do(bytes: [u8; 16], others: [u8; 16], a: u8, b: u8) {
            let (low, high) = (a.min(b), a.max(b));
            let (v, w) = (Vector::new(&bytes), Vector::new(&others));
            let (p, q) = (portable::Vector::new(&bytes), portable::Vector::new(&others));
            prop_assert_eq!(v.mask(), p.mask());
            prop_assert_eq!(v.equal(a).mask(), p.equal(a).mask());
            prop_assert_eq!(v.same(w).mask(), p.same(q).mask());
            prop_assert_eq!(v.between(low, high).mask(), p.between(low, high).mask());
            prop_assert_eq!(v.equal(a).or(v.between(low, high)).mask(), p.equal(a).or(p.between(low, high)).mask());
        }
    }
}
