//! Names as scanners and people write them, and the kind and side they mean.

use dxa_core::decode::anatomy::{Anatomy, anatomy, laterality};
use dxa_core::decode::header::Naming;
use dxa_core::site::Side;

/// Kind and side in one word: `hip L`, `ap_spine`, `other`, `nothing`.
fn meaning(naming: &Naming) -> String {
    let (kind, paired) = match anatomy(naming) {
        Some(Anatomy::Kind(kind)) => (kind.code(), kind.is_paired()),
        Some(Anatomy::CervicalLateral) => ("cervical", false),
        Some(Anatomy::Other) => ("other", false),
        None => ("nothing", false),
    };
    match laterality(naming).side.filter(|_| paired) {
        Some(side) => format!("{kind} {}", side.code()),
        None => kind.to_owned(),
    }
}

fn protocol(name: &str) -> Naming {
    Naming { protocol: Some(name.to_owned()), ..Naming::default() }
}

/// `name = meaning`, one a line.
const NAMES: &str = "
AP Spine = ap_spine
AP Spine L1-L4 = ap_spine
PA Spine = ap_spine
Spine = ap_spine
Lumbar Spine = ap_spine
L Spine = ap_spine
L-Spine = ap_spine
LSPINE = ap_spine
L_SPINE = ap_spine
LS Spine AP = ap_spine
APSpine = ap_spine
ApSpine = ap_spine
Lumbar = ap_spine
L1-L4 = ap_spine
L2-L4 = ap_spine
L1-4 = ap_spine
L1L4 AP = ap_spine
Spine AP - Left decubitus? = ap_spine
Left scoliosis AP spine = ap_spine
Array AP Lumbar Spine = ap_spine
Lendenwirbelsäule = ap_spine
LWS = ap_spine
LWS a.p. = ap_spine
LWS seitlich = lateral_spine
Wirbelsäule seitlich = lateral_spine
Columna lumbar = ap_spine
Columna AP = ap_spine
Columna lumbar lateral = lateral_spine
Rachis lombaire = ap_spine
Rachis lombaire de profil = lateral_spine
Colonna lombare = ap_spine
Поясничный отдел позвоночника = ap_spine
Позвоночник прямая проекция = ap_spine
Позвоночник (L1-L4) = ap_spine
Боковая проекция позвоночника = lateral_spine
Поясничный отдел, боковая проекция = lateral_spine
Грудной отдел позвоночника боковая = lateral_spine
Грудная клетка боковая = other
Шейный отдел позвоночника = other
腰椎 = ap_spine
腰椎正位 = ap_spine
腰椎前后位 = ap_spine
腰椎 AP = ap_spine
脊柱 = ap_spine
腰椎侧弯正位 = ap_spine
L1-L4椎体 = ap_spine
腰椎侧位 = lateral_spine
腰椎左侧位 = lateral_spine
腰椎側位 = lateral_spine
胸腰椎侧位 = lateral_spine
胸椎侧位 = lateral_spine
侧位脊柱 = lateral_spine
椎体骨折评估 = lateral_spine
椎体评估 = lateral_spine
颈椎侧位 = cervical
LVA = lateral_spine
DVA = lateral_spine
VFA = lateral_spine
VFA Lateral = lateral_spine
IVA Lateral Spine = lateral_spine
Instant Vertebral Assessment = lateral_spine
Dual-energy Vertebral Assessment = lateral_spine
Vertebral Fracture Assessment = lateral_spine
Lateral Spine = lateral_spine
Lateral Lumbar Spine = lateral_spine
T-Spine lateral = lateral_spine
TSPINE LAT = lateral_spine
Thoracic spine lateral = lateral_spine
Thoracic spine AP = other
Cervical LAT = cervical
C-Spine = other
Chest lateral = other
Lateral skull = other
Left Femur = hip L
Right Femur = hip R
R Femur = hip R
L Femur = hip L
LFEMUR = hip L
LeftHip = hip L
LEFTHIP = hip L
RHip = hip R
Hip = hip
Hip Left = hip L
Hip/Femur Left = hip L
Left Hip = hip L
Lt. Hip = hip L
Rt Hip = hip R
LT HIP = hip L
Hip (R) = hip R
Hip, L = hip L
Dual Femur = hip
DualFemur = hip
Dual Hips = hip
Both hips (L+R) = hip
Left and right hip = hip
Left Ortho Hip = hip L
Femoral neck right = hip R
Total Hip Left = hip L
Proximal femur = hip
Neck of left femur = hip L
Distal femur = other
Femur Shaft Left = other
Full Femur = other
SE Femur Left = other
Hüfte links = hip L
Hüfte rechts = hip R
Linke Hüfte = hip L
Rechter Oberschenkelhals = hip R
Cadera izquierda = hip L
Fémur derecho = hip R
Fémur droit = hip R
Col du fémur gauche = hip L
Hanche droite = hip R
Anca sinistra = hip L
Femore destro = hip R
Левое бедро = hip L
Правое бедро = hip R
Бедро левое = hip L
Шейка правого бедра = hip R
Правый тазобедренный сустав = hip R
Тазобедренный сустав слева = hip L
Проксимальный отдел бедренной кости = hip
Оба бедра = hip
左侧股骨 = hip L
右侧股骨 = hip R
左股骨颈 = hip L
股骨 左 = hip L
双侧股骨 = hip
双侧髋关节 = hip
左髋 = hip L
右髋关节 = hip R
右Hip = hip R
左右股骨 = hip
髖關節 = hip
股骨远端 = other
右股骨干 = other
Forearm = forearm
Left Forearm = forearm L
Forearm L = forearm L
R.Forearm = forearm R
RT FOREARM = forearm R
Radius 33% = forearm
Distal radius left = forearm L
Unterarm rechts = forearm R
Antebrazo izquierdo = forearm L
Avant-bras gauche = forearm L
Os de l'avant-bras droit = forearm R
Левое предплечье = forearm L
左前臂 = forearm L
右侧桡骨 = forearm R
前臂(左) = forearm L
Total Body = whole_body
Total Body Less Head = whole_body
Whole Body = whole_body
WholeBody = whole_body
TotalBody = whole_body
Body Composition = whole_body
Total Body Left Arm raised = whole_body
Ganzkörper = whole_body
Corps entier = whole_body
Cuerpo entero = whole_body
Все тело = whole_body
Всё тело = whole_body
全身 = whole_body
全身骨密度 = whole_body
Left Ortho Knee = knee L
Right Knee = knee R
Knee Lateral = knee
Lateral knee = knee
Right Knee AP = knee R
L Knee = knee L
Левый коленный сустав = knee L
左膝 = knee L
右膝关节侧位 = knee R
Knie links = knee L
Hand = other
Left Hand = other
Pelvis = other
Calcaneus = other
Spine Phantom = other
QC = other
腰椎体模 = other
ANONYMIZED = nothing
XXXX = nothing
DXA = nothing
Quick = nothing
Left = nothing
Lateral = nothing
Standard = nothing
Chip = nothing
Bilateral = nothing
Направление = nothing
";

#[test]
fn names_mean_what_people_mean_by_them() {
    let cases: Vec<(&str, &str)> = NAMES.lines().filter_map(|line| line.split_once(" = ")).collect();
    assert!(cases.len() > 150);
    let wrong: Vec<String> = cases
        .iter()
        .map(|(name, expected)| (name, expected, meaning(&protocol(name))))
        .filter(|(_, expected, read)| *expected != read)
        .map(|(name, expected, read)| format!("{name}: {read}, not {expected}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Body Part Examined, view and laterality as coded, then protocol and series name, and what they mean.
const CODED: [(&str, &str, &str, &str, &str, &str); 34] = [
    ("HIP", "", "L", "", "", "hip L"),
    ("HIP", "", "R", "Left Femur", "", "hip R"),
    ("HIP", "", "B", "Left Femur", "", "hip"),
    ("HIP", "", "U", "Left Femur", "", "hip"),
    ("HIP", "", "", "Left Femur", "", "hip L"),
    ("HIP", "", "X", "Left Femur", "", "hip L"),
    ("HIP", "", "", "AP Spine", "", "hip"),
    ("FEMUR", "", "", "", "", "hip"),
    ("LSPINE", "", "", "Left Femur", "", "ap_spine"),
    ("LSPINE", "AP", "", "", "", "ap_spine"),
    ("LSPINE", "LL", "", "", "", "lateral_spine"),
    ("LSPINE", "LATERAL", "L", "", "", "lateral_spine"),
    ("LSPINE", "LLD", "", "AP Spine", "", "ap_spine"),
    ("LSPINE", "", "", "LVA", "", "lateral_spine"),
    ("LSPINE", "", "", "", "Lateral", "lateral_spine"),
    ("", "", "", "Lumbar Spine", "Lateral", "lateral_spine"),
    ("", "RL", "", "Lumbar Spine", "", "lateral_spine"),
    ("", "AP", "", "Spine", "", "ap_spine"),
    ("LSSPINE", "", "", "", "", "ap_spine"),
    ("TLSPINE", "LL", "", "", "", "lateral_spine"),
    ("TSPINE", "PA", "", "", "", "other"),
    ("CSPINE", "LL", "", "", "", "cervical"),
    ("SPINE", "", "", "T-Spine", "", "other"),
    ("SPINE", "", "", "", "", "ap_spine"),
    ("SPINE", "", "", "LVA", "", "lateral_spine"),
    ("CHEST", "LL", "", "LVA", "", "other"),
    ("WHOLEBODY", "", "", "", "", "whole_body"),
    ("FOREARM", "", "R", "", "", "forearm R"),
    ("RADIUS", "", "l", "", "", "forearm L"),
    ("KNEE", "", "", "Left Femur", "", "knee L"),
    ("PELVIS", "", "", "Left Femur", "", "hip L"),
    ("LEG", "", "", "Left Ortho Knee", "", "knee L"),
    ("腰椎", "", "", "", "", "ap_spine"),
    ("", "", "", "XXX", "Right Femur", "hip R"),
];

#[test]
fn coded_attributes_count_before_names() {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    for (body_part, view, side, protocol, series, expected) in CODED {
        let naming = Naming {
            body_part: some(body_part),
            view: some(view),
            image_laterality: some(side),
            protocol: some(protocol),
            series_description: some(series),
            ..Naming::default()
        };
        assert_eq!(meaning(&naming), expected, "{naming:?}");
    }
}

/// Code meaning and value as DICOM's context groups of anatomy and view have them.
#[test]
fn anatomic_region_and_view_codes_are_read() {
    let region = |text: &str| Naming { anatomic_region: Some(text.to_owned()), ..Naming::default() };
    let cases = [
        ("Lumbar spine 122496007", "ap_spine"),
        ("122496007", "ap_spine"),
        ("Proximal femur 310651003", "hip"),
        ("71341001", "hip"),
        ("29836001", "hip"),
        ("Shaft of femur 41111004", "other"),
        ("Forearm 14975008", "forearm"),
        ("110535000", "forearm"),
        ("75129005", "forearm"),
        ("Entire body 38266002", "whole_body"),
        ("Calcaneus 80144004", "other"),
        ("Pelvis 118645006", "other"),
    ];
    for (text, expected) in cases {
        assert_eq!(meaning(&region(text)), expected, "{text}");
    }
    let lateral = Naming { view: Some("left lateral 399173006".to_owned()), ..region("122496007") };
    assert_eq!(meaning(&lateral), "lateral_spine");
    let frontal = Naming { view: Some("antero-posterior 399348003".to_owned()), ..region("122496007") };
    assert_eq!(meaning(&frontal), "ap_spine");
}

#[test]
fn sides_that_contradict_are_told_and_the_coded_one_is_given() {
    let mut naming = protocol("Left Femur");
    assert!(!laterality(&naming).contradicted);
    naming.laterality = Some("R".to_owned());
    let read = laterality(&naming);
    assert_eq!((read.side, read.contradicted), (Some(Side::Right), true));
    naming.image_laterality = Some("L".to_owned());
    let read = laterality(&naming);
    assert_eq!((read.side, read.contradicted), (Some(Side::Left), true));
    naming.image_laterality = Some("B".to_owned());
    assert_eq!(laterality(&naming).side, None);
}
