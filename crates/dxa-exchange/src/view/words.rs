//! Every word of pages and printed reports, in both languages side by side. A word that lacks a language does not
//! compile.

use crate::text::Language;

macro_rules! words {
    ($($name:ident: $english:literal, $chinese:literal;)*) => {
        /// The words in one language.
        pub struct Words {
            $(#[doc = $english] pub $name: &'static str,)*
        }

        const ENGLISH: Words = Words { $($name: $english,)* };
        const CHINESE: Words = Words { $($name: $chinese,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $english, $chinese),)*];
    };
}

impl Words {
    /// The words of a language.
    #[must_use]
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
        }
    }
}

words! {
    // Frame.
    skip: "To the content", "跳到内容";
    pages: "Pages", "页面";
    worklist: "Worklist", "工作列表";
    log_in: "Log in", "登录";
    log_out: "Log out", "退出";
    account: "Account", "账号";
    password: "Password", "密码";
    theme: "Light or dark", "明暗切换";
    keys: "Keys", "快捷键";
    close: "Close", "关闭";
    cancel: "Cancel", "取消";
    save: "Save", "保存";
    remove: "Remove", "移除";
    safety: "Not a certified medical device; every result is a draft until a physician signs it.", "非注册医疗器械；医师签名之前所有结果均为草稿。";
    key_help: "These keys", "显示快捷键";
    key_rows: "Next and previous study, open it", "下一个、上一个检查，打开";
    key_zoom: "Zoom in, out, whole image", "放大、缩小、全图";
    key_overlays: "Overlays on and off", "显示或隐藏标注";
    key_levels: "Previous and next vertebra", "上一个、下一个椎体";
    key_points: "Previous and next point of the vertebra", "椎体的上一个、下一个点";
    key_move: "Move the point by a pixel, with Shift by ten", "移动该点一个像素，按Shift为十个像素";
    key_sign: "Sign or amend", "签名或修订";
    to_worklist: "To the worklist", "返回工作列表";
    saving: "Saving …", "正在保存……";
    saved: "Saved as version {}.", "已保存为第{}版。";
    not_saved: "Not saved: {}", "未保存：{}";
    undone: "Undone.", "已撤销。";
    kept_failed: "Kept, but the analysis failed: the numbers are those from before.", "已保留，但分析失败：现显示的是之前的数值。";
    kept_waits: "Kept, but the analysis is not done: the numbers are those from before.", "已保留，但分析尚未完成：现显示的是之前的数值。";
    undo_gone: "The study was changed since by somebody else; what you did before cannot be undone here.", "该检查此后已被他人更改，您之前的操作无法在此撤销。";
    not_a_number: "{}: “{}” is not a number; nothing was saved.", "{}：“{}”不是数字，未保存。";
    nothing_to_undo: "There is nothing to undo.", "没有可撤销的操作。";
    preview: "{} grade {}, not saved yet", "{}：{}级，尚未保存";
    changed_elsewhere: "The study has changed; what you see is the newest.", "该检查已变更，现显示最新内容。";
    unknown: "unknown", "未知";
    yes: "yes", "是";
    no: "no", "否";
    // Worklist.
    views: "Views", "视图";
    view_all: "All", "全部";
    view_to_sign: "To sign", "待签名";
    view_needs_eyes: "Needs eyes first", "优先查看";
    view_failed: "Failed", "失败";
    view_signed: "Signed", "已签名";
    save_view: "Save this view", "保存此视图";
    name_of_view: "Name of the view", "视图名称";
    filters: "Filters", "筛选";
    search: "Search", "查询";
    any: "any", "不限";
    name: "Name", "姓名";
    patient_id: "Patient ID", "患者编号";
    from: "From", "起";
    to: "To", "止";
    status: "Status", "状态";
    urgency: "Urgency", "紧急程度";
    needs_eyes: "First", "优先";
    sex: "Sex", "性别";
    age: "Age", "年龄";
    date: "Date", "日期";
    scans: "Scans", "扫描";
    category: "Category", "分类";
    lowest_t: "Lowest T", "最低T值";
    fracture: "Vertebrae", "椎体";
    studies: "Studies", "检查";
    no_studies: "No study is like this.", "没有符合条件的检查。";
    more: "More studies", "更多检查";
    newer: "Newer", "较新";
    older: "Older", "较早";
    receiving: "Received", "已接收";
    analyzing: "Analyzing", "分析中";
    failed: "Failed", "失败";
    preliminary: "Preliminary", "初步";
    is_final: "Final", "最终";
    amended: "Amended", "已修订";
    any_urgency: "Any of these", "以下任一";
    very_high_risk: "Very high risk", "极高风险";
    new_fracture: "New fracture", "新发骨折";
    suspected_fracture: "Suspected fracture", "疑似骨折";
    quality_problem: "Quality problem", "质量问题";
    to_confirm: "To be confirmed", "待确认";
    // Head of a study.
    sex_female: "female", "女";
    sex_male: "male", "男";
    years: "years", "岁";
    born: "Born", "出生日期";
    study_date: "Study", "检查日期";
    accession: "Accession", "检查号";
    description: "Description", "说明";
    height: "Height", "身高";
    weight: "Weight", "体重";
    ethnicity: "Population", "人群";
    device: "Device", "设备";
    version: "version", "版本";
    sign: "Sign", "签名";
    amend: "Amend", "修订";
    undo: "Undo", "撤销";
    reanalyze: "Analyze again", "重新分析";
    context: "Context of the patient", "患者背景信息";
    documents: "Documents", "文档";
    print: "Print", "打印";
    signed_by: "{}: version {}, {}, {}", "{}：第{}版，{}，{}";
    made_by: "{} by {}, {}", "{}，由 {} 作出，{}";
    sign_text: "The newest version becomes the final report under your name.", "最新版本将以您的名义成为最终报告。";
    amend_text: "The newest version takes the place of the signed report. The reason is kept with it.", "最新版本将取代已签名的报告，原因一并保存。";
    reason: "Reason", "原因";
    behind_failed: "The newest analysis failed. What is shown is the result from before; it does not have what was changed since.", "最新分析失败。现显示的是之前的结果，不含此后的更改。";
    behind_waits: "A new analysis is under way. What is shown is the result from before.", "正在重新分析。现显示的是之前的结果。";
    unprinted: "The printed report of this version could not be made; no PDF was kept or sent.", "本版本的报告无法打印，未保存或发送PDF。";
    stale_title: "This study has changed since you opened it.", "您打开之后，该检查已被更改。";
    stale_text: "What you did was not saved, so that nothing that somebody else did is lost.", "为避免覆盖他人的修改，您的操作未保存。";
    load_newest: "Load the newest version", "载入最新版本";
    state_now: "Now: version {}, {}, {}", "当前：第{}版，{}，{}";
    document_page: "Report page", "报告页";
    document_sr: "Structured report (DICOM)", "结构化报告（DICOM）";
    document_sc: "Picture (DICOM)", "图像报告（DICOM）";
    document_csv: "Regions (CSV)", "测量值（CSV）";
    document_pdf: "Report (PDF)", "报告（PDF）";
    document_sheet: "Sheet for the patient (PDF)", "患者须知（PDF）";
    // Verdict.
    summary: "Summary", "概要";
    no_category: "No category", "无分类";
    lowest_at: "lowest T {}, {}", "最低T值 {}，{}";
    compared_with: "against {}", "参考 {}";
    point_confirmed: "Fracture confirmed: {}", "已确认骨折：{}";
    point_fracture: "Suspected: {}", "疑似：{}";
    point_changed: "{}: {} % since {}, beyond the LSC", "{}：较{}变化{}%，超出最小有意义变化";
    point_doubts: "{} to be looked at", "{}项需复核";
    point_refusals: "{} refused", "{}项拒绝";
    point_only_refusals: "Nothing could be measured in this study; the reasons are below.", "该检查没有可测量的内容，原因见下。";
    // Viewer.
    image: "Image", "图像";
    level: "Level", "窗位";
    width: "Width", "窗宽";
    invert: "Invert", "反相";
    zoom_in: "Zoom in", "放大";
    zoom_out: "Zoom out", "缩小";
    fit: "Whole image", "全图";
    overlays: "Overlays", "标注";
    layer_regions: "regions", "测量区";
    layer_lines: "lines", "分割线";
    layer_vertebrae: "six points", "六点";
    layer_labels: "labels", "名称";
    no_image: "There is no image to show.", "没有可显示的图像。";
    no_image_report: "This scan holds the device's numbers and no image.", "该对象只含设备数值，没有图像。";
    no_image_none: "The study has no scan.", "该检查没有扫描。";
    no_image_damaged: "The image of this scan is not in the store, or is damaged.", "该扫描的图像缺失或已损坏。";
    not_for_density: "Gray values for looking at; no density can be read from them.", "灰度仅供观看，不能读出骨密度。";
    point_ps: "posterior superior point", "后上点";
    point_ms: "middle superior point", "中上点";
    point_as: "anterior superior point", "前上点";
    point_ai: "anterior inferior point", "前下点";
    point_mi: "middle inferior point", "中下点";
    point_pi: "posterior inferior point", "后下点";
    first_end: "first end of the line", "线的一端";
    other_end: "other end of the line", "线的另一端";
    neck_box: "neck box", "股骨颈框";
    neck_box_move: "neck box, move", "股骨颈框：移动";
    neck_box_turn: "neck box, turn", "股骨颈框：旋转";
    outline_point: "{}, point {} of the outline", "{}：轮廓第{}点";
    edit_outline: "Outline", "轮廓";
    // Regions.
    regions: "Regions", "测量部位";
    no_regions: "No region was measured.", "没有测量部位。";
    region: "Region", "部位";
    area: "Area", "面积";
    bmc: "BMC", "骨矿含量";
    bmd: "BMD", "骨密度";
    bmd_device: "BMD, device", "骨密度（设备）";
    bmd_ours: "BMD, ours", "骨密度（本软件）";
    difference: "Diff.", "差";
    device_t_z: "Device T / Z", "设备T / Z";
    correct: "Correct", "修正";
    other_profiles: "T and Z under other profiles", "其他规则下的T值与Z值";
    profile: "Profile", "规则";
    subsets: "All sets of vertebrae", "全部椎体组合";
    origin: "Origin", "来源";
    composition: "Body composition", "身体成分";
    part: "Part", "部位";
    fat: "Fat", "脂肪";
    lean: "Lean", "瘦组织";
    total_mass: "Total", "总质量";
    exclude: "Exclude", "排除";
    include: "Include", "恢复";
    leave_to_rule: "Leave to the rule", "交由规则判断";
    excluded: "left out: {}", "已排除：{}";
    included: "taken in by a reader", "由医师恢复计入";
    reason_fracture: "Fracture", "骨折";
    reason_artefact: "Artefact", "伪影";
    reason_manual: "Another reason", "其他原因";
    // Vertebrae.
    vertebrae: "Vertebrae", "椎体";
    level_of: "Level", "节段";
    grade: "Grade", "分级";
    loss: "Loss", "高度降低";
    remarks: "Remarks", "备注";
    by_hand: "points by hand", "人工标点";
    not_evaluable: "Not evaluable", "无法评估";
    evaluable: "Evaluable", "可评估";
    confirm: "Confirm", "确认";
    confirm_fracture: "Confirm the fracture", "确认骨折";
    reject_fracture: "No fracture", "并非骨折";
    withdraw_fracture: "Withdraw", "撤回判断";
    key_fracture: "Confirm the fracture of the vertebra", "确认该椎体骨折";
    shift_labels: "Labels", "节段标记";
    one_up: "one level up", "上移一节";
    one_down: "one level down", "下移一节";
    deformity_index: "Spinal deformity index {}", "脊柱畸形指数 {}";
    kyphosis: "kyphosis {} {}°", "后凸角 {} {}°";
    labels_sure: "labels lead by {}", "节段标记置信差 {}";
    // Doubts.
    doubts: "Doubts and quality", "疑点与质量";
    no_doubts: "Nothing is in doubt.", "无疑点。";
    refused: "Refused", "拒绝";
    findings: "To be noted", "提示";
    quality: "Acquisition", "采集质量";
    quality_of: "{} of {} checks passed", "{}项通过，共{}项";
    all_checks: "All checks", "全部检查项";
    check: "Check", "检查项";
    result: "Result", "结果";
    measured: "Measured", "测得";
    limit: "Limit", "限值";
    show: "Show", "显示";
    scan: "scan {}", "扫描{}";
    // Curves and changes.
    curves: "Age curves and visits", "年龄曲线与历次检查";
    curve_of: "{}: BMD and age", "{}：骨密度与年龄";
    trend_of: "{}: BMD over visits", "{}：历次骨密度";
    curve_table: "Curve: {}. Lines: percentiles of people of the same age.", "曲线：{}。线：同龄人百分位。";
    curve_percentile: "This visit: percentile {} of people of the same age (Z {}); {}.", "本次：同龄人第{}百分位（Z {}）；{}。";
    curve_bands: "Bands at T −1.0 and −2.5 of: {}.", "分界为T −1.0与−2.5：{}。";
    curve_no_bands: "No WHO bands: T is the device's own.", "T值来自设备，不画WHO分界。";
    curve_z_basis: "No WHO bands: judged on Z-scores.", "按Z值判断，不画WHO分界。";
    this_visit: "this visit", "本次";
    trend_bar: "Bar: least significant change {} g/cm² ({}).", "误差棒：最小有意义变化 {} g/cm²（{}）。";
    trend_other_prior: "Compared with the visit of {}, and not with that of {}.", "与{}的检查比较，未与{}的检查比较。";
    trend_other_origin: "one density is the device's and the other was measured here.", "一次为设备骨密度，另一次由本软件测得。";
    trend_not_compared: "the result of this visit has no comparison.", "该次结果未作比较。";
    trend_apart: "Not comparable with the visit before: {}", "与前次不可比：{}";
    treatments: "Treatments", "治疗";
    treatment_drug: "drug", "药物";
    treatment_augmentation: "augmentation", "椎体强化";
    treatment_goes_on: "goes on", "进行中";
    heights_of: "{}: heights over visits, mm", "{}：历次高度（mm）";
    heights_lines: "Full line: front; broken: middle; dotted: back.", "实线：前缘；虚线：中央；点线：后缘。";
    recovery: "Before and after augmentation", "强化前后";
    treated: "Treated", "治疗日期";
    images: "Images", "图像";
    vertebral_angle: "Angle of the vertebra", "椎体角";
    local_kyphosis: "Local kyphosis", "局部后凸角";
    changes: "Changes", "变化";
    since: "Since", "前次";
    change: "Change", "变化";
    per_year: "a year", "每年";
    lsc: "LSC", "最小有意义变化";
    meaning: "Meaning", "意义";
    significant: "significant", "有显著意义";
    not_significant: "not significant", "无显著意义";
    cannot_tell: "cannot be told", "无法判断";
    loss_gained: "Loss since", "新增降低";
    // Assessment.
    assessment: "Assessment", "评估";
    not_known: "Not known", "缺少";
    source: "Source", "来源";
    fired: "met", "符合";
    not_fired: "not met", "不符合";
    rule_cannot_tell: "cannot tell", "无法判断";
    // Second reading and comments.
    second_reading: "Second reading", "第二阅片";
    second_blind: "Nothing of the first reading is shown here. What you leave open is not compared.", "此处不显示首次阅片的任何内容。未填写的项目不作比较。";
    second_give: "Read a second time", "进行第二阅片";
    second_not_you: "Whoever corrected, signed or already read this version cannot be its second reader.", "修正、签名或已阅此版本者不能作第二阅片人。";
    second_of: "Version {}, {}", "第{}版，{}";
    second_agrees: "Agrees in all {} places that were read.", "所阅{}处均一致。";
    second_differs: "Differs in {} of {} places.", "{}处不一致，共阅{}处。";
    second_open: "Not settled: correct what is wrong, then sign or amend.", "尚未裁定：请先修正，再签名或修订。";
    second_settled: "Settled by the signature of version {}, {}, {}", "已由第{}版的签名裁定：{}，{}";
    second_report: "Report", "报告";
    second_reader: "Second reader", "第二阅片人";
    second_now: "Now", "现在";
    second_agrees_now: "agrees", "一致";
    left_out: "left out", "排除";
    taken_in: "taken in", "计入";
    fracture_open: "fracture not confirmed", "骨折未确认";
    not_read: "not read", "未阅";
    remark: "Remark", "备注";
    comments: "Comments", "评论";
    comment_text: "A comment; it is in no report", "评论（不写入报告）";
    comment_add: "Add", "添加";
    commented: "The comment is kept.", "评论已保存。";
    // Life.
    life: "Versions and signatures", "版本与签名";
    provenance: "Where the numbers come from", "数值来源";
    software: "Software", "软件";
    protocol: "Protocol", "方案";
    tables: "Tables", "参考表";
    score_basis: "Score basis", "分值依据";
    life_version: "Version {}", "第{}版";
    life_sign: "signed version {}", "签名第{}版";
    life_amend: "amended with version {}", "以第{}版修订";
    life_correction: "correction of {}", "修正{}";
    why_new_study: "first analysis", "首次分析";
    why_late_objects: "objects came later", "后续对象到达";
    why_earlier_study: "an earlier study came", "收到前次检查";
    why_message: "the scanner sent a message", "收到设备消息";
    why_correction: "correction", "修正";
    why_context: "context of the patient", "患者背景信息";
    why_protocol: "new protocol", "方案更新";
    why_sign: "signed", "签名";
    why_amend: "amended", "修订";
    // Context.
    context_text: "What DICOM does not know. What is left unknown is never read as no.", "DICOM中没有的信息。未知项不会被当作“否”。";
    context_differs: "Sources tell different values; the newest of each is used.", "各来源所述不一致，采用最新的值。";
    context_body: "Body", "身体";
    context_history: "History", "病史";
    context_received: "Results from elsewhere", "外来结果";
    context_iof: "IOF one-minute test", "IOF一分钟测试";
    menopause: "Menopause", "绝经";
    menopause_pre: "before", "绝经前";
    menopause_peri: "in the transition", "围绝经期";
    menopause_post: "after", "绝经后";
    tallest_height: "Tallest height", "最高身高";
    height_lost: "Height lost in a year", "一年内身高变矮";
    glucocorticoid: "Glucocorticoids", "糖皮质激素";
    never: "never", "从未";
    past: "in the past", "既往";
    recent: "recently", "近期";
    current: "now", "目前";
    glucocorticoid_dose: "Prednisolone equivalent", "泼尼松龙等效剂量";
    glucocorticoid_months: "For how long", "使用时间";
    months: "months", "个月";
    bone_damaging_drugs: "Other drugs that damage bone", "其他损害骨骼的药物";
    treatment: "Treatment of osteoporosis now", "目前抗骨质疏松治疗";
    falls: "High risk of falls", "跌倒高风险";
    hyperparathyroidism: "Hyperparathyroidism", "甲状旁腺功能亢进症";
    androgen_deprivation: "Androgen deprivation", "雄激素剥夺治疗";
    over_table_weight: "Over the table's weight", "体重超过检查床承重";
    frax_major: "FRAX, major fracture", "FRAX主要骨折";
    frax_hip: "FRAX, hip", "FRAX髋部骨折";
    qct: "QCT of the spine", "腰椎QCT骨密度";
    ultrasound: "Ultrasound T", "超声T值";
    tbs: "Trabecular bone score", "骨小梁评分";
    value: "Value", "数值";
    device_category: "The device's category", "设备分类";
    not_assessable: "Vertebrae that cannot be assessed", "无法评估的椎体";
    none: "none", "无";
    add_treatment: "Add a treatment", "添加治疗";
    kind: "Kind", "种类";
    start: "Start", "开始";
    end: "End", "结束";
    fractures: "Fractures", "骨折";
    no_fractures: "There were none", "无骨折";
    add_fracture: "Add a fracture", "添加骨折";
    site: "Site", "部位";
    site_hip: "hip", "髋部";
    site_vertebra: "vertebra", "椎体";
    site_humerus: "proximal humerus", "肱骨近端";
    site_pelvis: "pelvis", "骨盆";
    site_forearm: "distal forearm", "前臂远端";
    site_other: "other", "其他";
    fragility: "Fragility fracture", "脆性骨折";
    confirmed: "Documented", "已证实";
    on_treatment: "Under treatment", "治疗期间";
    // Quality room.
    quality_room: "Quality room", "质控室";
    room_from: "Scans from {} on.", "{}及以后的扫描。";
    room_from_to: "Scans from {} to {}.", "{}至{}的扫描。";
    room_nothing: "There is nothing to show yet.", "暂无内容。";
    room_nothing_text: "A scanner appears here with the first result of one of its scans, and a chart with the first scan whose header names a phantom.", "收到某台设备的首个扫描结果后，该设备将显示于此；文件头表明为体模的扫描到达后，将显示其质控图。";
    room_nothing_then: "No scan was made in these days.", "该时段内没有扫描。";
    room_counting: "Older results are still being counted; numbers grow until this line is gone.", "正在统计较早的结果，本行消失之前数值还会增加。";
    room_glance: "At a glance", "概览";
    room_tables: "Tables (CSV)", "表格（CSV）";
    scanner: "Scanner", "设备";
    scanner_unknown: "Scanner without a name", "未标明型号的设备";
    station_of: "station {}", "工作站 {}";
    serial_of: "S/N {}", "序列号 {}";
    agreement: "Agreement with the device", "与设备的一致性";
    agreement_short: "Agreement", "一致性";
    agreement_text: "Ours less the device's of the same region of the same scan (Bland and Altman). Lines: bias and limits of agreement; bands: their 95 % intervals.", "同一扫描同一部位：本软件数值减设备数值（Bland-Altman法）。线：偏倚与一致性界限；色带：其95%置信区间。";
    agreement_none: "No scan of these days has both numbers of the device and calibrated pixels.", "该时段内没有同时含设备数值与定标像素的扫描。";
    agreement_plot: "{}: BMD, difference over mean of both (g/cm²)", "{}：骨密度，差值与两者均值（g/cm²）";
    agreement_last: "The last {} of {} pairs are drawn; the lines come from all.", "图中为最近{}对（共{}对），线由全部数据算得。";
    quantity: "Quantity", "量";
    pairs: "Pairs", "对数";
    bias: "Bias", "偏倚";
    bias_of: "Bias of BMD, {}", "骨密度偏倚，{}";
    standard_deviation: "SD", "标准差";
    lower_limit: "Lower limit", "下限";
    upper_limit: "Upper limit", "上限";
    rmse: "RMSE", "均方根误差";
    within_tenth: "Within 0.1", "相差≤0.1";
    reference_table: "Reference", "参考表";
    phantoms: "Phantoms", "体模";
    phantoms_text: "Baseline: the first {} scans. A scan may differ by {} % of its mean (broken lines); dotted lines: 3 SD. Cumulative sums: reference value {} SD, decision interval {} SD.", "基线：最初{}次扫描。允许偏差为均值的{}%（虚线）；点线：3 SD。累积和：参考值{} SD，判定界限{} SD。";
    phantoms_none: "No scan of these days names a phantom in its header.", "该时段内没有文件头表明为体模的扫描。";
    phantom: "Phantom {}", "体模 {}";
    phantom_unnamed: "Phantom without an ID", "无编号体模";
    phantom_chart: "{}: BMD by day (g/cm²)", "{}：逐日骨密度（g/cm²）";
    phantom_sums: "{}: cumulative sums, upper and lower (SD)", "{}：累积和，上与下（SD）";
    phantom_last: "The last {} of {} scans are drawn.", "图中为最近{}次（共{}次）扫描。";
    from_device: "device", "设备";
    from_ours: "ours", "本软件";
    baseline: "Baseline", "基线";
    variation: "CV", "变异系数";
    last_scan: "Last scan", "最近一次";
    deviation: "Deviation", "偏差";
    state: "State", "状态";
    baseline_wait: "baseline: {} of {} scans", "基线：{}/{}次";
    in_control: "in control", "受控";
    signal_now: "out of control: {}", "失控：{}";
    signal_before: "in control; {} signals, the last on {}", "受控；曾有{}次报警，最近{}";
    signal_limit: "beyond the limit", "超限";
    signal_three_sd: "beyond 3 SD", "超出3 SD";
    signal_cusum: "cumulative sum", "累积和";
    precision: "Precision of the site", "本站精密度";
    precision_text: "From people who were scanned again on the same day. LSC = 2.77 × RMS-SD; 27 degrees of freedom are enough.", "来自同日重复扫描的受检者。最小有意义变化 = 2.77 × RMS-SD；自由度达27即足够。";
    precision_none: "Nobody was scanned twice on one day.", "没有同日重复扫描的受检者。";
    subjects: "Subjects", "人次";
    degrees_of_freedom: "df", "自由度";
    rms_sd: "RMS-SD", "RMS-SD（均方根标准差）";
    upper_95: "upper 95 %", "95%上限";
    acceptable: "Acceptable", "可接受";
    too_few_repeats: "too few", "不足";
    checks_text: "Share of scans that failed a check, of those on which it could be made, with its 95 % interval (Wilson).", "可评估的扫描中未通过检查者所占比例及其95%置信区间（Wilson法）。";
    checks_none: "No check could be made on a scan of these days.", "该时段内没有可检查的扫描。";
    check_highest: "Check that fails most", "最常未通过的检查";
    failed_of: "{} of {}", "{}（共 {}）";
    whole_period: "Whole period", "整个时段";
    not_evaluable_scans: "not evaluable: {}", "无法评估：{}";
    deliveries: "Deliveries", "发送";
    deliveries_none: "No destination is configured.", "未配置目的地。";
    destination: "Destination", "目的地";
    waiting: "Waiting", "等待";
    sent: "Sent", "已发送";
    given_up: "Given up", "已放弃";
    superseded: "Superseded", "被新版取代";
    oldest_waiting: "Oldest waiting since", "最早等待自";
    not_configured: "not configured any more", "已不在配置中";
    queue: "Queue", "队列";
    work: "Work", "任务";
    work_analyze: "Analysis", "分析";
    running: "Running", "进行中";
    set_aside: "Set aside", "搁置";
    queue_times: "From the last image to the result, last {} results: median {} s, 95 % within {} s, longest {} s.", "从最后一幅图像到结果，最近{}个结果：中位数{}秒，95%在{}秒内，最长{}秒。";
    queue_no_times: "There is no result yet.", "尚无结果。";
    set_aside_studies: "Studies set aside", "搁置的检查";
    // Problems.
    problem_forbidden: "This is not for your account.", "您的账号无权查看。";
    problem_not_found: "There is no such page.", "没有此页面。";
    problem_no_study: "There is no such study.", "没有此检查。";
    problem_receiving: "The study is still arriving.", "检查仍在接收。";
    problem_analyzing: "The study is being analyzed. This page follows.", "检查正在分析，完成后自动显示。";
    problem_failed: "The study could not be analyzed.", "检查未能分析。";
    problem_unprintable: "This report cannot be printed.", "该报告无法打印。";
    problem_other: "This did not work.", "操作未成功。";
}

/// A sentence with its gaps filled in order.
#[must_use]
pub fn fill(sentence: &str, parts: &[&str]) -> String {
    let mut pieces = sentence.split("{}");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for (index, piece) in pieces.enumerate() {
        filled += parts.get(index).copied().unwrap_or("–");
        filled += piece;
    }
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_said_in_both_languages() {
        for (name, english, chinese) in ALL {
            let is_chinese = chinese.chars().any(|letter| ('\u{4e00}'..='\u{9fff}').contains(&letter));
            assert!(is_chinese, "{name}");
            assert!(!english.chars().any(|letter| letter > '\u{2fff}'), "{name}");
            assert_eq!(english.matches("{}").count(), chinese.matches("{}").count(), "{name}");
        }
    }

    #[test]
    fn gaps_are_filled_in_order() {
        assert_eq!(fill("{} of {}", &["1", "2"]), "1 of 2");
        assert_eq!(fill("no gap", &["1"]), "no gap");
        assert_eq!(fill("{}", &[]), "–");
    }
}
