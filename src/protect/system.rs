//! Cells as unknown numbers, and the sums that tie them together.

use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A cell by its place among the cells of a system.
pub type CellId = usize;

/// A contributor by number.
pub type Owner = usize;

/// Where a count stands: table, row and measure, by their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The table among those of the release.
    pub sheet: usize,
    /// Its row.
    pub row: usize,
    /// The measure among its counts.
    pub count: usize,
}

/// Why a cell must not be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rule {
    /// Fewer units than the least count.
    Count,
    /// Fewer employers than the least number.
    Employers,
    /// The largest employers make up too much of it.
    Dominance,
    /// It has nearly all of its group.
    Group,
}

impl Rule {
    /// The word of the audit file.
    pub fn as_str(self) -> &'static str {
        match self {
            Rule::Count => "count",
            Rule::Employers => "employers",
            Rule::Dominance => "dominance",
            Rule::Group => "group",
        }
    }
}

/// What must stay possible of a cell to whoever knows all that is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Demand {
    /// Its least and its greatest possible value are so far apart.
    pub width: i64,
    /// It could be less by so much …
    pub below: i64,
    /// … and more by so much.
    pub above: i64,
    /// The first rule that asks for it; none where nothing is asked.
    pub rule: Option<Rule>,
}

impl Demand {
    /// Both demands in one.
    pub fn join(&mut self, other: Demand) {
        self.width = self.width.max(other.width);
        self.below = self.below.max(other.below);
        self.above = self.above.max(other.above);
        self.rule = self.rule.or(other.rule);
    }

    /// Asks for twice the room.
    pub fn double(&mut self) {
        self.width = self.width.max(1).saturating_mul(2);
    }

    /// Says whether something is asked.
    pub fn is_any(&self) -> bool {
        self.width > 0 || self.below > 0 || self.above > 0
    }
}

/// One count of a release, in however many tables it stands.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Its value.
    pub value: i64,
    /// The least that everybody knows it to be.
    pub floor: i64,
    /// Where it stands; nowhere if it follows from others and is not published.
    pub places: Vec<Place>,
    /// Where a count stands from which it follows, if it is not published.
    pub follows_from: Option<Place>,
    /// What must stay possible.
    pub demand: Demand,
    /// It is a zero that is always shown.
    pub is_fixed: bool,
    /// It is nothing, and that says nothing of anybody.
    pub is_harmless: bool,
    /// It must be shown.
    pub must_show: bool,
    /// Its only contributor, who knows it: one person, or one employer. Of a zero
    /// there may be several, whose own counts have it as a part.
    pub owners: BTreeSet<Owner>,
    /// Employers behind it, at least; none where nobody counted them.
    pub employers: Option<i64>,
    /// At most so large are the largest contribution and the two largest.
    pub contributions: Option<[i64; 2]>,
}

impl Cell {
    /// A count that is not published and follows from others.
    pub(super) fn unpublished(value: i64) -> Self {
        Cell {
            value,
            floor: 0,
            places: Vec::new(),
            follows_from: None,
            demand: Demand::default(),
            is_fixed: false,
            is_harmless: false,
            must_show: false,
            owners: BTreeSet::new(),
            employers: None,
            contributions: None,
        }
    }

    /// Says whether it can be shown at all.
    pub fn is_published(&self) -> bool {
        !self.places.is_empty()
    }

    /// Takes in what is known of the same count from another place.
    pub(super) fn learn(&mut self, other: &Cell) {
        self.floor = self.floor.max(other.floor);
        self.places.extend(&other.places);
        self.follows_from = self.follows_from.or(other.follows_from);
        self.is_fixed |= other.is_fixed;
        self.is_harmless |= other.is_harmless;
        self.must_show |= other.must_show;
        self.owners.extend(&other.owners);
        self.employers = self.employers.max(other.employers);
        self.contributions = match (self.contributions, other.contributions) {
            (Some(one), Some(other)) => Some([one[0].min(other[0]), one[1].min(other[1])]),
            (one, other) => one.or(other),
        };
    }

    /// Where it stands, or what it follows from.
    pub fn place(&self) -> Option<Place> {
        self.places.first().copied().or(self.follows_from)
    }

    /// Information that is lost where it is suppressed: its value and ten, in each
    /// of its places. A total costs more than each of its parts.
    pub fn cost(&self) -> i64 {
        let places = i64::try_from(self.places.len()).unwrap_or(i64::MAX);
        self.value.saturating_add(10).saturating_mul(places)
    }
}

/// Cells that add up to nothing, each with its sign: a total less its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation {
    /// Cells and signs.
    pub terms: Vec<(CellId, i8)>,
}

impl Relation {
    /// The cell that all others are parts of, if there is one.
    fn whole(&self) -> Option<CellId> {
        let mut above = self.terms.iter().filter(|(_, sign)| *sign > 0);
        let whole = above.next().filter(|(_, sign)| *sign == 1);
        whole.filter(|_| above.next().is_none()).map(|(cell, _)| *cell)
    }
}

/// All cells of a release, and all sums between them.
#[derive(Debug, Default)]
pub struct System {
    /// The cells.
    pub cells: Vec<Cell>,
    /// The sums.
    pub relations: Vec<Relation>,
    /// The sums in which each cell stands.
    pub relations_of: Vec<Vec<usize>>,
    known: HashSet<Vec<(CellId, i8)>>,
}

impl System {
    /// Adds a cell.
    pub(super) fn add_cell(&mut self, cell: Cell) -> CellId {
        self.cells.push(cell);
        self.relations_of.push(Vec::new());
        self.cells.len() - 1
    }

    /// Adds what parts come to, a count that nobody publishes.
    pub(super) fn add_margin(&mut self, parts: &[CellId]) -> CellId {
        let cells = || parts.iter().map(|part| &self.cells[*part]);
        let margin = Cell {
            employers: cells().filter_map(|cell| cell.employers).max(),
            follows_from: cells().find_map(Cell::place),
            ..Cell::unpublished(cells().map(|cell| cell.value).sum())
        };
        self.add_cell(margin)
    }

    /// Makes one cell of cells that equal each other, and says which became which.
    pub(super) fn merge_equals(&mut self) -> Vec<CellId> {
        let mut groups = UnionFind::new(self.cells.len());
        for relation in &self.relations {
            if let [(one, 1), (other, -1)] | [(one, -1), (other, 1)] = relation.terms.as_slice() {
                groups.union(*one, *other);
            }
        }
        let mut merged = System::default();
        let mut became: Vec<CellId> = Vec::new();
        for (cell, content) in std::mem::take(&mut self.cells).into_iter().enumerate() {
            let first = groups.find(cell);
            let id = match became.get(first) {
                None => merged.add_cell(content),
                Some(&id) => {
                    merged.cells[id].learn(&content);
                    id
                }
            };
            became.push(id);
        }
        for relation in std::mem::take(&mut self.relations) {
            merged
                .add_relation(relation.terms.into_iter().map(|(cell, sign)| (became[cell], sign)));
        }
        // What is nothing by itself is known to everybody.
        for relation in &merged.relations {
            if let [(cell, _)] = relation.terms.as_slice() {
                merged.cells[*cell].is_fixed = true;
            }
        }
        *self = merged;
        became
    }

    /// Says what is left of a base without a part by what the base is made of and the
    /// part is not: the same count may be there already. Where that is nothing, no row
    /// is there, and everybody knows it.
    pub(super) fn explain_rests(&mut self, rests: &BTreeMap<[CellId; 2], CellId>) {
        for ([part, base], rest) in rests {
            let mut of_part = self.parts_of(*part);
            of_part.push(BTreeSet::from([*part]));
            let of_base = self.parts_of(*base);
            let of_base: Vec<_> = of_base.iter().filter(|it| !it.contains(rest)).collect();
            let pairs = of_base.iter().flat_map(|base| of_part.iter().map(move |it| (*base, it)));
            let within = pairs.filter(|(base, part)| part.is_subset(base));
            let left = within.map(|(base, part)| base.difference(part).copied().collect());
            for parts in left.collect::<Vec<Vec<CellId>>>() {
                self.add_sum(*rest, &parts);
            }
        }
    }

    /// The cells that a cell is the sum of, by each of its sums.
    fn parts_of(&self, whole: CellId) -> Vec<BTreeSet<CellId>> {
        let relations = self.relations_of[whole].iter().map(|it| &self.relations[*it]);
        let of_whole = relations.filter(|it| it.whole() == Some(whole));
        let parts = |it: &Relation| {
            let others = it.terms.iter().map(|(cell, _)| *cell).filter(|cell| *cell != whole);
            others.collect()
        };
        of_whole.map(parts).collect()
    }

    /// What is part of a contributor's own count is the contributor's own: who is alone
    /// in the one is who is alone in the other, if anybody is there.
    pub(super) fn own_parts(&mut self) {
        let wholes = self.relations.iter().filter_map(|it| Some((it.whole()?, it)));
        let wholes: Vec<(CellId, &Relation)> = wholes.collect();
        let mut is_news = true;
        while std::mem::take(&mut is_news) {
            for (whole, relation) in &wholes {
                let owners = self.cells[*whole].owners.clone();
                for (part, _) in relation.terms.iter().filter(|(it, _)| it != whole) {
                    let own = &mut self.cells[*part].owners;
                    let before = own.len();
                    own.extend(&owners);
                    is_news |= own.len() > before;
                }
            }
        }
        let owners = self.cells.iter().flat_map(|cell| &cell.owners).max();
        let mut groups = UnionFind::new(owners.map_or(0, |most| most + 1));
        for cell in self.cells.iter().filter(|cell| cell.value > 0) {
            let owners = cell.owners.iter().zip(cell.owners.iter().skip(1));
            owners.for_each(|(one, other)| groups.union(*one, *other));
        }
        for cell in &mut self.cells {
            cell.owners = cell.owners.iter().map(|owner| groups.find(*owner)).collect();
        }
    }

    /// Adds a total and its parts, once; says whether they add up.
    pub(super) fn add_sum(&mut self, total: CellId, parts: &[CellId]) -> bool {
        let sum: i128 = parts.iter().map(|part| i128::from(self.cells[*part].value)).sum();
        if sum != i128::from(self.cells[total].value) {
            return false;
        }
        let parts = parts.iter().map(|part| (*part, -1));
        self.add_relation(std::iter::once((total, 1)).chain(parts));
        true
    }

    fn add_relation(&mut self, terms: impl Iterator<Item = (CellId, i8)>) {
        let mut signs: BTreeMap<CellId, i8> = BTreeMap::new();
        terms.for_each(|(cell, sign)| *signs.entry(cell).or_default() += sign);
        let terms: Vec<(CellId, i8)> = signs.into_iter().filter(|(_, sign)| *sign != 0).collect();
        if terms.is_empty() || !self.known.insert(terms.clone()) {
            return;
        }
        for (cell, _) in &terms {
            self.relations_of[*cell].push(self.relations.len());
        }
        self.relations.push(Relation { terms });
    }
}

/// Cells in groups, each named by its least.
struct UnionFind {
    parents: Vec<CellId>,
}

impl UnionFind {
    fn new(count: usize) -> Self {
        UnionFind { parents: (0..count).collect() }
    }

    fn find(&mut self, mut cell: CellId) -> CellId {
        while self.parents[cell] != cell {
            self.parents[cell] = self.parents[self.parents[cell]];
            cell = self.parents[cell];
        }
        cell
    }

    fn union(&mut self, one: CellId, other: CellId) {
        let (one, other) = (self.find(one), self.find(other));
        self.parents[one.max(other)] = one.min(other);
    }
}
