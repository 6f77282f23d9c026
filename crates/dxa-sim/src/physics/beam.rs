//! The two energies of a scanner: how many photons of which energy, and what its detector makes of each.

use std::sync::LazyLock;

use super::attenuation::{self, Material, attenuation};

const TABLE: &str = include_str!("../../data/beams.csv");
/// Photons below this share of a beam change no count that is measured.
const NEGLIGIBLE: f64 = 1e-9;

/// A pair of spectra with the detector that goes with them; `data/README.md` says what each is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Beam {
    /// One voltage split by a K-edge filter; photons are counted.
    KEdge,
    /// Two voltages in turn; energy is summed.
    Switching,
    /// As `KEdge`, with another voltage and filter.
    KEdge100,
    /// As `Switching`, with a softer low beam.
    Switching80,
}

/// Which of the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Energy {
    /// The softer one.
    Low,
    /// The harder one.
    High,
}

impl Energy {
    /// Low, then high.
    pub(crate) const BOTH: [Self; 2] = [Self::Low, Self::High];
}

/// One energy of a beam as the detector weighs it: unattenuated, the signals sum to one.
#[derive(Clone, Debug)]
pub(crate) struct Spectrum {
    /// What is left of the signal of one bin behind matter.
    bins: Vec<Bin>,
    /// Variance of the signal of one photon over the square of its mean: 0 when photons are counted.
    pub(crate) spread: f64,
}

/// One bin of energy.
#[derive(Clone, Debug)]
struct Bin {
    /// Share of the signal.
    signal: f64,
    /// Attenuation of each material, cm²/g.
    attenuation: [f64; 5],
}

impl Beam {
    /// All.
    pub(crate) const ALL: [Self; 4] = [Self::KEdge, Self::Switching, Self::KEdge100, Self::Switching80];

    /// Its name in settings and tables.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::KEdge => "kedge",
            Self::Switching => "switching",
            Self::KEdge100 => "kedge100",
            Self::Switching80 => "switching80",
        }
    }

    /// Tube voltage of one image as DICOM has it, kV.
    pub(crate) fn kilovolts(self, energy: Energy) -> &'static str {
        match (self, energy) {
            (Self::KEdge, _) => "76",
            (Self::KEdge100, _) | (Self::Switching, Energy::Low) => "100",
            (Self::Switching80, Energy::Low) => "80",
            (Self::Switching | Self::Switching80, Energy::High) => "140",
        }
    }

    fn counts_photons(self) -> bool {
        matches!(self, Self::KEdge | Self::KEdge100)
    }

    /// The spectrum of one energy.
    pub(crate) fn spectrum(self, energy: Energy) -> Spectrum {
        static ROWS: LazyLock<Vec<(f64, Vec<f64>)>> = LazyLock::new(|| attenuation::rows(TABLE));
        let suffix = match energy {
            Energy::Low => "low",
            Energy::High => "high",
        };
        let column = attenuation::column(TABLE, &format!("{}_{suffix}", self.name()));
        let photons = ROWS.iter().filter_map(|(at, row)| Some((*at, *row.get(column)?)));
        let photons: Vec<_> = photons.filter(|(_, share)| *share > NEGLIGIBLE).collect();
        let weight = |at: f64| if self.counts_photons() { 1.0 } else { at };
        let moment =
            |power| photons.iter().map(|(at, share)| share * power_of(weight(*at), power)).sum::<f64>();
        let (count, mean, square) = (moment(0), moment(1), moment(2));
        let bin = |&(at, share): &(f64, f64)| Bin {
            signal: share * weight(at) / mean,
            attenuation: Material::ALL.map(|material| attenuation(material, at)),
        };
        let spread = (square * count / (mean * mean) - 1.0).max(0.0);
        Spectrum { bins: photons.iter().map(bin).collect(), spread }
    }
}

fn power_of(value: f64, power: u32) -> f64 {
    (0..power).fold(1.0, |product, _| product * value)
}

impl Spectrum {
    /// What is left of the signal behind these amounts of the materials, in their order.
    ///
    /// I/I₀ = Σ s(E) · exp(−Σ μⱼ(E)·mⱼ) with Σ s(E) = 1.
    ///
    /// # Units
    /// g/cm².
    pub(crate) fn transmission(&self, amounts: &[f64; 5]) -> f64 {
        self.bins.iter().map(|bin| bin.signal * libm::exp(-bin.through(amounts))).sum()
    }
}

impl Bin {
    fn through(&self, amounts: &[f64; 5]) -> f64 {
        self.attenuation.iter().zip(amounts).map(|(attenuation, amount)| attenuation * amount).sum()
    }
}
