//! Days, months and the years asked for. A day is a number so that spells and
//! pay periods are plain integer arithmetic.

/// A calendar day as the number of days since 1 January 1970.
pub(super) type Day = i32;

/// The Monday from which four-weekly pay periods are counted (4 January 2016).
pub(super) const FOUR_WEEKS_FROM: Day = 16_804;

/// The day of a date of the Gregorian calendar (Hinnant, days from civil).
pub(super) fn day(year: i32, month: i32, day_of_month: i32) -> Day {
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day_of_month - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Year, month and day of month of a day (Hinnant, civil from days).
pub(super) fn date(day: Day) -> (i32, i32, i32) {
    let shifted = day + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i32::from(month <= 2);
    (year, month, day_of_month)
}

/// The reference day of a year, 1 October.
pub(super) fn reference_day(year: i32) -> Day {
    day(year, 10, 1)
}

/// First day of the month that holds the day.
pub(super) fn month_first(of: Day) -> Day {
    let (_, _, day_of_month) = date(of);
    of - day_of_month + 1
}

/// Last day of the month that holds the day.
pub(super) fn month_last(of: Day) -> Day {
    month_first(month_first(of) + 31) - 1
}

/// One calendar month of the years asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Month {
    /// Year of the month.
    pub(super) year: i32,
    /// 1 to 12.
    pub(super) month: i32,
    /// First day.
    pub(super) first: Day,
    /// Last day.
    pub(super) last: Day,
}

/// The years asked for, both ends included.
#[derive(Debug, Clone)]
pub(super) struct Window {
    /// First year with raw files.
    pub(super) first_year: i32,
    /// Last year with raw files.
    pub(super) last_year: i32,
    /// 1 January of the first year.
    pub(super) first: Day,
    /// 31 December of the last year.
    pub(super) last: Day,
    /// Every month, in order.
    pub(super) months: Vec<Month>,
}

impl Window {
    /// The window of a range of years that is not reversed.
    pub(super) fn new(first_year: i32, last_year: i32) -> Self {
        let months = (first_year..=last_year).flat_map(|year| {
            (1..=12).map(move |month| {
                let first = day(year, month, 1);
                Month { year, month, first, last: month_last(first) }
            })
        });
        Window {
            first_year,
            last_year,
            first: day(first_year, 1, 1),
            last: day(last_year, 12, 31),
            months: months.collect(),
        }
    }

    /// Every year, in order.
    pub(super) fn years(&self) -> std::ops::RangeInclusive<i32> {
        self.first_year..=self.last_year
    }

    /// Place of a year among the years, from zero.
    pub(super) fn year_index(&self, year: i32) -> usize {
        usize::try_from(year - self.first_year).unwrap_or(0)
    }

    /// The months that overlap the days, clipped to the window.
    pub(super) fn months_within(&self, from: Day, to: Day) -> &[Month] {
        let begin = self.months.partition_point(|month| month.last < from);
        let end = self.months.partition_point(|month| month.first <= to);
        self.months.get(begin..end).unwrap_or(&[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_each_others_inverse() {
        assert_eq!(day(1970, 1, 1), 0);
        assert_eq!(day(2016, 1, 4), FOUR_WEEKS_FROM);
        for number in day(1899, 1, 1)..day(2101, 1, 1) {
            let (year, month, day_of_month) = date(number);
            assert_eq!(day(year, month, day_of_month), number);
        }
    }

    #[test]
    fn months_within_are_those_that_overlap() {
        let window = Window::new(2016, 2017);
        let found = window.months_within(day(2016, 2, 29), day(2016, 3, 1));
        assert_eq!(found.iter().map(|month| month.month).collect::<Vec<_>>(), [2, 3]);
        assert_eq!(window.months_within(day(2018, 1, 1), day(2019, 1, 1)).len(), 0);
        assert_eq!(window.months_within(day(2015, 1, 1), day(2016, 1, 1)).len(), 1);
    }
}
