//! How far two vectors are apart.

/// How many sums run side by side: the compiler turns them into vector instructions of any width.
const LANES: usize = 16;

/// The square of the Euclidean distance, which orders as the distance does.
pub(crate) fn squared(one: &[f32], other: &[f32]) -> f32 {
    let (ones, others) = (one.chunks_exact(LANES), other.chunks_exact(LANES));
    let rest: f32 =
        ones.remainder().iter().zip(others.remainder()).map(|(a, b)| (a - b) * (a - b)).sum();
    let mut sums = [0.0_f32; LANES];
    for (ones, others) in ones.zip(others) {
        for lane in 0..LANES {
            let difference = ones[lane] - others[lane];
            sums[lane] += difference * difference;
        }
    }
    sums.iter().sum::<f32>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_counts_whatever_the_length() {
        for length in [1, 15, 16, 17, 40] {
            let one = vec![1.0; length];
            for at in 0..length {
                let mut other = one.clone();
                other[at] = 3.0;
                assert!((squared(&one, &other) - 4.0).abs() < f32::EPSILON, "{at} of {length}");
            }
        }
    }
}
