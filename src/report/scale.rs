//! From figures to places on an axis.

/// An axis from `low` to `high`, with marks at round figures.
#[derive(Debug, Clone)]
pub(super) struct Scale {
    low: f64,
    high: f64,
    /// Round figures within the axis, as decimals.
    pub(super) ticks: Vec<String>,
}

impl Scale {
    /// An axis that holds all figures and zero, in about so many steps.
    pub(super) fn with_zero(figures: impl Iterator<Item = f64>, steps: u32) -> Self {
        Scale::over(figures.chain([0.0]), steps)
    }

    /// An axis that holds all figures.
    pub(super) fn over(figures: impl Iterator<Item = f64>, steps: u32) -> Self {
        let (low, high) = figures.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| {
            (low.min(it), high.max(it))
        });
        let (low, high) = match (low.is_finite(), low < high) {
            (false, _) => (0.0, 1.0),
            (true, false) => (low, low + 1.0),
            (true, true) => (low, high),
        };
        let (step, decimals) = round_step((high - low) / f64::from(steps.max(1)));
        let first = (low / step).floor();
        let last = (high / step).ceil();
        let ticks = (0..=(last - first) as u32)
            .map(|index| format!("{:.decimals$}", (first + f64::from(index)) * step))
            .collect();
        Scale { low: first * step, high: last * step, ticks }
    }

    /// Where a figure stands, from 0 at the low end to 1.
    pub(super) fn place(&self, figure: f64) -> f64 {
        (figure - self.low) / (self.high - self.low)
    }
}

/// The next of 1, 2, 5, 10 … and how many decimals it needs.
fn round_step(least: f64) -> (f64, usize) {
    let power = least.log10().floor();
    let unit = 10_f64.powf(power);
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|it| it * unit >= least * 0.999_999);
    let factor = factor.unwrap_or(10.0);
    let power = if factor < 10.0 { power } else { power + 1.0 };
    (factor * unit, if power < 0.0 { (-power) as usize } else { 0 })
}

/// A place in hundredths of a per cent, so that equal figures give equal bytes.
pub(super) fn percent(place: f64) -> String {
    format!("{:.2}", place * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_hold_all_figures() {
        let scale = Scale::with_zero([0.12, 0.47].into_iter(), 5);
        assert_eq!(scale.ticks, ["0.0", "0.1", "0.2", "0.3", "0.4", "0.5"]);
        assert_eq!(percent(scale.place(0.25)), "50.00");
        let scale = Scale::over([2016.0, 2019.0].into_iter(), 3);
        assert_eq!(scale.ticks, ["2016", "2017", "2018", "2019"]);
        let scale = Scale::with_zero([-0.03, 0.04].into_iter(), 4);
        assert_eq!(scale.ticks, ["-0.04", "-0.02", "0.00", "0.02", "0.04"]);
        assert_eq!(Scale::with_zero([].into_iter(), 4).ticks, ["0.0", "0.5", "1.0"]);
        assert_eq!(
            Scale::with_zero([12_345.0].into_iter(), 4).ticks,
            ["0", "5000", "10000", "15000"]
        );
    }
}
