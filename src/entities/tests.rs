//! What the finder finds, and that it stands any text.

use proptest::prelude::*;

use super::*;

const PLACES: &str = concat!(
    include_str!("data/places.tsv"),
    "\n",
    include_str!("data/cldr.tsv"),
    "\n",
    include_str!("data/geonames.tsv")
);

fn finder() -> &'static Finder {
    static FINDER: std::sync::OnceLock<Finder> = std::sync::OnceLock::new();
    FINDER.get_or_init(|| Finder::new().expect("the embedded tables are read"))
}

/// The classes of a text with what they cover, numbers left out.
fn classes(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    finder().find(text, &mut found);
    let named = |entity: &&Entity| !matches!(entity.kind, EntityKind::Number(_));
    found
        .iter()
        .filter(named)
        .map(|entity| (entity.class().to_string(), text[entity.start..entity.end].to_owned()))
        .collect()
}

#[track_caller]
fn finds(text: &str, expected: &[(&str, &str)]) {
    let got = classes(text);
    let got: Vec<(&str, &str)> = got.iter().map(|(class, covered)| (class.as_str(), covered.as_str())).collect();
    assert_eq!(got, expected, "{text}");
}

#[track_caller]
fn identifier(text: &str, expected: &str) {
    let mut found = Vec::new();
    finder().find(text, &mut found);
    let contact = found.iter().find_map(|entity| match entity.kind {
        EntityKind::Contact(contact) if contact.has_identifier() => Some(contact.normalized(text)),
        _ => None,
    });
    assert_eq!(contact.as_deref(), Some(expected), "{text}");
}

#[test]
fn mail() {
    finds("write to hr@corp.example.", &[("<email>", "hr@corp.example")]);
    finds("cv to anna.hr.zz0@gmail.example today", &[("<freemail>", "anna.hr.zz0@gmail.example")]);
    finds("99jobs@mail.ru", &[("<freemail>", "99jobs@mail.ru")]);
    finds("123456789@qq.example", &[("<freemail>", "123456789@qq.example")]);
    finds("anna (at) corp (dot) example", &[("<email>", "anna (at) corp (dot) example")]);
    finds("anna.hr at gmail dot com", &[("<freemail>", "anna.hr at gmail dot com")]);
    finds("anna[at]yahoo[dot]com", &[("<freemail>", "anna[at]yahoo[dot]com")]);
    identifier("anna (at) corp (dot) example", "anna@corp.example");
    finds("careers@dubai.example", &[("<email>", "careers@dubai.example")]);
    finds("we meet at gmail office", &[]);
}

#[test]
fn telephone_numbers() {
    finds("call +44 7700 900123 now", &[("<phone>", "+44 7700 900123")]);
    finds("(555) 010-0199", &[("<phone>", "(555) 010-0199")]);
    finds("sđt 0912 000 000", &[("<phone>", "0912 000 000")]);
    finds("โทร 081-000-0000 เลย", &[("<phone>", "081-000-0000")]);
    finds("电话13800000000", &[("<phone>", "13800000000")]);
    finds("since 2019-05-12 until 2024-06-30", &[]);
    identifier("call +44 7700 900123 now", "+447700900123");
}

#[test]
fn chat_services() {
    finds("telegram: @hr_anna0", &[("<telegram>", "telegram: @hr_anna0")]);
    finds("tg @hr_anna0", &[("<telegram>", "tg @hr_anna0")]);
    finds("@hr_anna0", &[("<telegram>", "@hr_anna0")]);
    finds("t.me/hr_anna0", &[("<telegram>", "t.me/hr_anna0")]);
    finds("https://t.me/hr_anna0 now", &[("<telegram>", "https://t.me/hr_anna0")]);
    finds("contact us on telegram", &[("<telegram>", "telegram")]);
    finds("whatsapp +855 00 000 000", &[("<whatsapp>", "whatsapp +855 00 000 000")]);
    finds("wa 0812-0000-0000", &[("<whatsapp>", "wa 0812-0000-0000")]);
    finds("0812 0000 0000 (wa)", &[("<whatsapp>", "0812 0000 0000 (wa)")]);
    finds("https://wa.me/855000000", &[("<whatsapp>", "https://wa.me/855000000")]);
    finds("line id: hr_zz0", &[("<line>", "line id: hr_zz0")]);
    finds("แอดไลน์ @hrjobs0", &[("<line>", "แอดไลน์ @hrjobs0")]);
    finds("微信：hr_0000", &[("<wechat>", "微信")]);
    finds("微信:hr_0000", &[("<wechat>", "微信:hr_0000")]);
    finds("加v hr00000", &[("<wechat>", "加v hr00000")]);
    finds("qq 10000000", &[("<qq>", "qq 10000000")]);
    finds("zalo 0900 000 000", &[("<zalo>", "zalo 0900 000 000")]);
    finds("liên hệ 0900 000 000 zalo", &[("<zalo>", "0900 000 000 zalo")]);
    finds("viber +95 9 000 000 00", &[("<viber>", "viber +95 9 000 000 00")]);
    finds("m.me/hrjobs", &[("<messenger>", "m.me/hrjobs")]);
    finds("пишите в телеграм @hr_anna0", &[("<telegram>", "телеграм @hr_anna0")]);
    finds("카톡 hrjobs00", &[("<kakao>", "카톡 hrjobs00")]);
    finds("pm me, inbox me", &[]);
    finds("line manager of a production line with 20 staff", &[]);
    finds("instagram: @jobs_zz", &[]);
    finds("a motorcycle messenger", &[]);
    identifier("t.me/hr_anna0", "hr_anna0");
    identifier("whatsapp +855 00 000 000", "+85500000000");
}

#[test]
fn links() {
    finds("see https://jobs.corp.example/apply?id=3.", &[("<url>", "https://jobs.corp.example/apply?id=3")]);
    finds("www.corp.test", &[("<url>", "www.corp.test")]);
    finds("corp-jobs.com/apply", &[("<url>", "corp-jobs.com/apply")]);
    finds("bit.ly/3xyz", &[("<shortener>", "bit.ly/3xyz")]);
    finds("https://forms.gle/abc", &[("<url>", "https://forms.gle/abc")]);
    finds("work from home.in the city", &[]);
    finds("node.js and c++ and .net 8.0", &[]);
    finds(
        "#url_0a1b2c3d4e5f# and #email_0a1b2c3d4e5f# and #phone_0a1b2c3d4e#",
        &[("<url>", "#url_0a1b2c3d4e5f#"), ("<email>", "#email_0a1b2c3d4e5f#"), ("<phone>", "#phone_0a1b2c3d4e#")],
    );
    let text = "https://docs.google.com/forms/d/e/1 or https://forms.gle/x";
    let mut found = Vec::new();
    finder().find(text, &mut found);
    for entity in &found {
        let EntityKind::Link(link) = entity.kind else { panic!("{entity:?}") };
        assert_eq!(link.kind, LinkKind::Form);
        assert!(!link.host(text).is_empty());
    }
}

#[test]
fn wallets() {
    let tron = "txyz0123456789abcdefghijklmnopqrst";
    assert_eq!(tron.len(), 34);
    finds(tron, &[("<wallet>", tron)]);
    let ether = format!("send to 0x{}", "0a".repeat(20));
    finds(&ether, &[("<wallet>", &ether[8..])]);
}

#[test]
fn place_names() {
    finds(
        "work in dubai and phnom penh, cambodia",
        &[("<place>", "dubai"), ("<place>", "phnom penh"), ("<country>", "cambodia")],
    );
    finds("kk park, myawaddy", &[("<hotspot>", "kk park"), ("<hotspot>", "myawaddy")]);
    finds("работа в камбодже", &[("<country>", "камбодже")]);
    finds("ทำงานที่ปอยเปตประเทศกัมพูชา", &[("<hotspot>", "ปอยเปต"), ("<country>", "กัมพูชา")]);
    finds("去西港上班", &[("<hotspot>", "西港")]);
    finds("タイピングの仕事", &[]);
    finds("タイで働く", &[("<country>", "タイ")]);
    finds("캄보디아에서", &[("<country>", "캄보디아")]);
    finds("கம்போடியாவில் வேலை", &[("<country>", "கம்போடியாவில்")]);
    finds("বাংলাদেশে", &[("<country>", "বাংলাদেশে")]);
    finds("العمل بدبي", &[("<place>", "بدبي")]);
    finds("jordan will call you; turkey dinner; nice team; chad", &[]);
    finds("work in jordan", &[("<country>", "jordan")]);
    let mut found = Vec::new();
    finder().find("làm việc tại tam giác vàng", &mut found);
    let EntityKind::Place(id) = found[0].kind else { panic!("{found:?}") };
    let place = finder().place(id).expect("a row");
    assert_eq!((place.name, place.country), ("Golden Triangle SEZ", "LA"));
}

/// Places in languages that have no lexicon: text, and the country of each place in it.
const FURTHER_PLACES: &[(&str, &[&str])] = &[
    // Turkish
    ("Tayland'da ofis işi", &["TH"]),
    ("Kamboçya'ya gidiyoruz", &["KH"]),
    ("Dubai ve Katar'da iş", &["AE", "QA"]),
    ("Gürcistanda çalışacak", &["GE"]),
    ("İstanbul'dan uçuş", &["TR"]),
    // German
    ("Arbeit auf den Philippinen", &["PH"]),
    ("nach Südkorea oder in die Türkei", &["KR", "TR"]),
    ("Stelle in Saudi-Arabien", &["SA"]),
    // Italian
    ("lavoro in Cambogia", &["KH"]),
    ("voli per la Turchia e gli Emirati Arabi Uniti", &["TR", "AE"]),
    ("ufficio nelle Filippine", &["PH"]),
    // Polish
    ("praca w Tajlandii", &["TH"]),
    ("wyjazd do Kambodży", &["KH"]),
    ("praca w Niemczech i w Holandii", &["DE", "NL"]),
    ("biuro w Dubaju", &["AE"]),
    // Ukrainian
    ("робота в Таїланді", &["TH"]),
    ("вакансії у М'янмі та Камбоджі", &["MM", "KH"]),
    ("виїзд до Польщі", &["PL"]),
    ("робота в Німеччині", &["DE"]),
    // Amharic
    ("በታይላንድ ሥራ", &["TH"]),
    ("ወደ ዱባይ ጉዞ", &["AE"]),
    ("የሳውዲ አረቢያ ቪዛ", &["SA"]),
    ("ለካምቦዲያ ሰራተኞች", &["KH"]),
    // Sinhala
    ("තායිලන්තයේ රැකියා", &["TH"]),
    ("ඩුබායි වල රැකියා", &["AE"]),
    ("මියන්මාරයේ කාර්යාලය", &["MM"]),
    // Telugu
    ("థాయిలాండ్‌లో ఉద్యోగం", &["TH"]),
    ("కంబోడియాకు వెళ్ళండి", &["KH"]),
    ("దుబాయ్‌లో పని", &["AE"]),
    // Malayalam
    ("തായ്‌ലൻഡിൽ ജോലി", &["TH"]),
    ("കംബോഡിയയിലേക്ക് ആളെ വേണം", &["KH"]),
    ("ഖത്തറിലെ ജോലി", &["QA"]),
    ("ദുബായിൽ ജോലി", &["AE"]),
    // Marathi
    ("थायलंडमध्ये नोकरी", &["TH"]),
    ("व्हिएतनाम आणि नेपाळ", &["VN", "NP"]),
    ("सिंगापूरला जा", &["SG"]),
    // Uzbek
    ("Tailandda ish", &["TH"]),
    ("Rossiyaga va Turkiyaga ish", &["RU", "TR"]),
    ("Janubiy Koreyada ish", &["KR"]),
    ("Хитойда иш", &["CN"]),
    ("Ҳиндистонга борамиз", &["IN"]),
    // Kazakh
    ("Таиландта жұмыс", &["TH"]),
    ("Камбоджаға бару", &["KH"]),
    ("Қытайдан Түркияға", &["CN", "TR"]),
    ("Оңтүстік Кореяда жұмыс", &["KR"]),
    // Persian
    ("کار در تایلند", &["TH"]),
    ("کار در کامبوج و مالزی", &["KH", "MY"]),
    ("اعزام به آلمان", &["DE"]),
    ("شغل در گرجستان", &["GE"]),
    // Azerbaijani
    ("Tailandda iş", &["TH"]),
    ("Kambocada və Gürcüstanda vakansiya", &["KH", "GE"]),
    ("Azərbaycandan Türkiyəyə", &["AZ", "TR"]),
    // Mongolian
    ("Тайландад ажиллах", &["TH"]),
    ("Хятадад болон Солонгост", &["CN", "KR"]),
    ("Камбожид ажил", &["KH"]),
    // Punjabi
    ("ਥਾਈਲੈਂਡ ਵਿੱਚ ਨੌਕਰੀ", &["TH"]),
    ("ਦੁਬਈ ਅਤੇ ਕੈਨੇਡਾ", &["AE", "CA"]),
    // Gujarati
    ("થાઈલેન્ડમાં નોકરી", &["TH"]),
    ("દુબઈ અને કંબોડિયામાં કામ", &["AE", "KH"]),
    // Kannada
    ("ಥೈಲ್ಯಾಂಡ್‌ನಲ್ಲಿ ಕೆಲಸ", &["TH"]),
    ("ಕಾಂಬೋಡಿಯಾದಲ್ಲಿ ಉದ್ಯೋಗ", &["KH"]),
    ("ದುಬೈಗೆ ಹೋಗಿ", &["AE"]),
    // Romanian
    ("de lucru în Thailanda", &["TH"]),
    ("joburi în Cambodgia și Turcia", &["KH", "TR"]),
    ("din România în Marea Britanie", &["RO", "GB"]),
    // Dutch
    ("werken in Maleisië", &["MY"]),
    ("baan in Duitsland of Turkije", &["DE", "TR"]),
    // Cebuano, Hausa, Somali
    ("trabaho sa Thailand ug Cambodia", &["TH", "KH"]),
    ("aiki a Saudiyya", &["SA"]),
    ("daga Najeriya zuwa Birtaniya", &["NG", "GB"]),
    ("shaqo Sacuudiga ah", &["SA"]),
    ("Soomaaliya iyo Itoobiya", &["SO", "ET"]),
];

#[test]
fn place_names_of_further_languages() {
    let mut misses = Vec::new();
    for &(text, countries) in FURTHER_PLACES {
        let text = crate::entities::money::tests::folded(text);
        let mut found = Vec::new();
        finder().find(&text, &mut found);
        let got: Vec<&str> = found
            .iter()
            .filter_map(|entity| match entity.kind {
                EntityKind::Place(id) => finder().place(id).map(|place| place.country),
                _ => None,
            })
            .collect();
        if got != countries {
            misses.push(format!("{text}: {got:?}"));
        }
    }
    assert!(misses.is_empty(), "{} of {} missed:\n{}", misses.len(), FURTHER_PLACES.len(), misses.join("\n"));
}

#[test]
fn words_of_the_read_languages_are_no_places_of_others() {
    let texts = [
        "granos y polen para la miel",
        "an indie game in pakistani and omani style",
        "un cours d'italien",
        "her chin and sua casa",
        "شركة روسية كبيرة",
        "علامات و امال",
        "тебе дают макет и чертёж",
        "رومانی شاعری",
        "كره القدم و حقوق",
        "в штатах компаний и кита",
        "оросить поле, турка для кофе",
        "somali speaking agent",
        "takdir dan qadar",
        "rasha called dubey",
        "habari ya dubu",
        "bên bán hàng",
        "gaji pokok dan bonus",
        "ang kasama niya ay polis",
        "งานขายของหน้าร้าน",
        "招聘销售人员",
        "販売員を募集します",
        "판매원 모집",
    ];
    let texts = texts.map(crate::entities::money::tests::folded);
    let found: Vec<_> = texts.iter().map(|text| classes(text)).filter(|found| !found.is_empty()).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn numbers_that_are_nothing_else_keep_their_shape() {
    let mut found = Vec::new();
    finder().find("shift 9:00 for 12345678901234567890 days", &mut found);
    let classes: Vec<String> = found.iter().map(|entity| entity.class().to_string()).collect();
    assert_eq!(classes, ["<number:0:00>", "<number:00000000>"]);
    finder().find("covid19 h1b", &mut found);
    assert!(found.is_empty());
}

#[test]
fn a_pay_field_needs_no_pay_word() {
    let mut found = Vec::new();
    finder().find_pay("50000-65000", &mut found);
    let EntityKind::Money(money) = found[0].kind else { panic!("{found:?}") };
    assert_eq!((money.low, money.high, money.currency), (50000.0, 65000.0, None));
    assert_eq!(found[0].class().as_str(), "<money:5>");
}

#[test]
fn every_row_of_the_gazetteer_is_found_by_its_own_names() {
    let (places, names) = places::read(PLACES);
    assert!(places.len() > 4000, "{}", places.len());
    let mut misses = Vec::new();
    for (name, value) in &names {
        let name: &str = name.trim_end_matches('*');
        let text = format!("in {}", crate::entities::money::tests::folded(name));
        let mut found = Vec::new();
        finder().find(&text, &mut found);
        let hit = found.iter().any(|entity| matches!(entity.kind, EntityKind::Place(id) if id.index == value.id.index));
        if !hit {
            misses.push(format!("{name} ({})", places[usize::from(value.id.index)].0));
        }
    }
    assert!(misses.len() <= names.len() / 100, "{} of {}: {}", misses.len(), names.len(), misses.join(", "));
}

fn check(text: &str) {
    let mut found = Vec::new();
    for pay in [false, true] {
        if pay {
            finder().find_pay(text, &mut found)
        } else {
            finder().find(text, &mut found)
        }
        let mut last = 0;
        for entity in &found {
            assert!(entity.start >= last && entity.end > entity.start, "{found:?}");
            assert!(text.is_char_boundary(entity.start) && text.is_char_boundary(entity.end), "{found:?}");
            assert!(!entity.class().is_empty());
            if let EntityKind::Contact(contact) = entity.kind {
                let _ = contact.normalized(text);
            }
            last = entity.end;
        }
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "\\PC*") {
        check(&text);
    }

    #[test]
    fn any_mixture_of_pieces_is_read(pieces in prop::collection::vec(prop::sample::select(vec![
        "$", "¥", "1", "000", "1,500", "1.5", "k", "tr", "万", "萬", "-", " ", "to ", "usd", "rm", "rp", "@", ".", "com", "a", "telegram",
        "line id", ":", "//", "https", "#url_", "+", "(", ")", "at", "dot", "0", "x", "/", "month", "月", "ต่อเดือน", "salary ", "\n",
        "cambodia", "камбодж", "タイ", "wa", "qq", "é", "\u{0e34}", "t.me/", "lakh", "elfu ", "%", "5", "12", "2024", "=", "'", "سن",
    ]), 0..24)) {
        check(&pieces.concat());
    }
}

/// Twice the text takes about twice the time; a quadratic pass would take minutes here.
#[test]
fn hostile_texts_take_linear_time() {
    let pieces = [
        "1",
        "@",
        "$",
        ".",
        "1 ",
        "1,",
        "1.",
        "a.",
        "a@",
        "1-",
        "1-1",
        "(",
        "+1",
        "0",
        "/",
        ":",
        "://",
        "#url_",
        "line id ",
        "$1",
        "1$",
        "k",
        "1k",
        "111 ",
        "11,",
        "0912 ",
        "a",
        "telegram ",
        "元1",
        "salary 1",
        "1 salary",
        "at gmail ",
        "(at)",
        "dot ",
        "t",
        "b",
        "万",
        "1万",
        "1 1 ",
        "x",
        "+x",
        "+0",
        "0x",
        "a-",
        "_",
        "__@",
        "ก",
        "क",
        "san ",
        "http://",
        "http://a",
        "1 lakh ",
        "elfu ",
        "1 elfu",
        "1 to ",
    ];
    let mut found = Vec::new();
    for piece in pieces {
        let text = piece.repeat(400_000 / piece.len());
        let begun = std::time::Instant::now();
        finder().find(&text, &mut found);
        let taken = begun.elapsed();
        assert!(taken.as_secs_f64() < 6.0, "{piece:?} took {taken:?}");
    }
}

/// That a name is asked for wherever one stands in a text.
#[track_caller]
fn asks_for_every_name(text: &str) {
    for (at, _) in text.char_indices().filter(|(_, c)| !c.is_ascii()) {
        let found = finder().names.find(text, at).is_some();
        assert!(!found || pass::may_begin(finder(), text, at), "{:?}", &text[at..]);
    }
}

#[test]
fn every_name_of_the_gazetteer_is_asked_for() {
    let mut asked = 0;
    for name in finder().names.places.names().map(|name| std::str::from_utf8(name).expect("names are text")) {
        asks_for_every_name(name);
        asks_for_every_name(&format!("{name} 1"));
        asked += usize::from(!name.starts_with(|c: char| c.is_ascii()));
    }
    assert!(asked > 10_000, "{asked}");
    for text in ["微信 加我", "тысяч", "二十万", "ใน กรุงเทพ", "بدبي", "في دبي", "ไลน์ ไอดี", "ห้าพัน"]
    {
        asks_for_every_name(text);
    }
}

proptest! {
    #[test]
    fn names_are_asked_for_in_any_text(text in "([ก-๙]{1,4}|[一-龥]{1,3}|[а-я]{2,5}|[ا-ي]{2,6}|[अ-ह]{2,4}|泰国|दुबई|дубай|ไทย| |a){0,12}") {
        asks_for_every_name(&text);
    }
}
