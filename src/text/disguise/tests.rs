//! What is undone and what stays.

use proptest::prelude::*;

use super::super::fold::{DisguiseKind, Folded, Folder};

fn fold(s: &str) -> (String, Vec<DisguiseKind>) {
    let folded = Folder::new().fold(s);
    (folded.text, folded.disguises.into_iter().map(|d| d.kind).collect())
}

#[test]
fn disguises_are_undone_and_noted() {
    use DisguiseKind::*;
    for (source, plain, kind) in [
        ("w h a t s a p p", "whatsapp", SetApart),
        ("t.e.l.e.g.r.a.m", "telegram", SetApart),
        ("t-e-l-e-g-r-a-m", "telegram", SetApart),
        ("te1egr@m", "telegram", Leet),
        ("go to b a n k now", "go to bank now", SetApart),
        ("in C a m b.o.d i a now", "in cambodia now", SetApart),
        ("S/i/h/a/n/o/u/k/v/i/l/l/e", "sihanoukville", SetApart),
        ("send t.e.l.e.g.r.4.m.", "send telegram.", SetApart),
        ("اپنا ب ی ن ک کارڈ", "اپنا بينك كارڈ", SetApart),
        ("h1gh $alary", "high salary", Leet),
        ("c0mm1ssi0n", "commission", Leet),
        ("tele💰gram", "telegram", Inside),
        ("what*s*app", "whatsapp", Inside),
        ("TH🌴AILAND", "thailand", Inside),
        ("Wh🟢tsApp", "whatsapp", Inside),
        ("做菠.菜推广", "做菠菜推广", Inside),
        ("护-照", "护照", Inside),
        ("虛.擬.幣", "虛擬幣", Inside),
        ("カ🐘ンボ🐘ジア", "カンボジア", Inside),
        ("カスタマー・サ〇ート", "カスタマー・サポート", Inside),
        ("薇❤信", "微信", Homophone),
        ("បា🌴វិត", "បាវិត", Inside),
        ("பா🔺ஸ்போர்ட்", "பாஸ்போர்ட்", Inside),
        ("ဒေါ်.လာ", "ဒေါ်လာ", Inside),
        ("call plus six zero one two three four five six seven", "call +601234567", SpeltOut),
        ("电话一三八零零零零一二三四", "电话13800001234", SpeltOut),
        ("加威信", "加微信", Homophone),
        ("Теlеgrаm", "telegram", LookAlike),
        ("wοrk frοm hοme", "work from home", LookAlike),
        ("зapплaтa", "зарплата", LookAlike),
        ("free flıght", "free flight", LookAlike),
        ("加賴", "加line", Homophone),
        ("zorb z.o.r.b.! r.é.s.u.m.é", "zorb z.o.r.b.! résumé", SetApart),
        ("self-e.m.p.l.o.y.e.d d'é.c.o.l.e.s", "self-employed d'écoles", SetApart),
        ("w.o.r.k.e.r.s w.a.n.t.e.d. S.t.a.r.t n.o.w", "workers wanted. start n.o.w", SetApart),
        ("f-r-i-e-n-d-s-h-i-p, h-a-p-p-y b-i-k-e", "friendship, happy bike", SetApart),
        ("ا.ل.ش.ر.و.ط ا.ل.ع.ا.م.ه م.ر.ت.ب", "الشروط العامه مرتب", SetApart),
        ("р.а.б.о.т.а.е.т и б.ы.с.т.р.о у.ж.е.-", "работает и быстро у.ж.е.-", SetApart),
        ("स.त्या.प.न, मे.रा ना.म", "सत्यापन, मे.रा ना.म", SetApart),
        ("안.녕.하.세.요 통장.으.로", "안녕하세요 통장.으.로", SetApart),
        ("ห.า.ง.า.นดีมา.ก", "หางานดีมาก", SetApart),
        ("การ.จ่.า.ยเ.งิน.น้ํา", "การจ่ายเงินน้ํา", SetApart),
        ("ເ.ງິ.ນ.ໜ້າ", "ເງິນຫນ້າ", SetApart),
        ("កិ.ច្ច.ស.ន្យា ៣ ឆ្នាំ", "កិច្ចសន្យា 3 ឆ្នាំ", SetApart),
        ("သေ.ချ.ာ.ရွေးချ.ယ်", "သေချာရွေးချယ်", SetApart),
        ("招.聘.客.服人.员,和.S.P.M.就.好", "招聘客服人员,和spm就好", SetApart),
        ("包-吃-包-住-宿", "包吃包住宿", SetApart),
        ("お.問.い.合.わ.せ", "お問い合わせ", SetApart),
        ("นั ก ง า น ห า ง า น ดี, โทร", "นักงานหางานดี, โทร", SetApart),
        ("快 来 招 聘 客 服 呀，好的", "快来招聘客服 呀,好的", SetApart),
        ("여기 채 용 공 고 문 의 봐요", "여기 채용공고문의 봐요", SetApart),
        ("вот п и ш и т е в т е л е г р а м, да", "вот пишите в телеграм, да", SetApart),
        ("this is g o o d s a l a r y. H o u s i n g", "this is good salary. housing", SetApart),
        ("T e l e . g r a m and F R 3 3 l e t t e r 5)", "telegram and free letter 5)", SetApart),
        ("b0th ap@rtment$ h0m3 pe@r f11ght k1ng", "both apartments home pear flight king", Leet),
        ("薇信", "微信", Homophone),
    ] {
        let (text, kinds) = fold(source);
        assert_eq!(text, plain, "{source}");
        assert!(kinds.contains(&kind), "{source}: {kinds:?}");
    }
}

#[test]
fn innocent_look_alikes_stay() {
    for source in [
        "mp3 b2b web3 h1b 401k covid19 c++ c# .net i18n s3 l10n",
        "u.s.a. d.s.w.d. e.g. i.e. n.y.",
        "s$3,000 us$500 a$ap nt$100k",
        "on-site part-time full-time co-op",
        "jobs@acme.example @handle01 https://t.me/w0rk",
        "москва работа вконтакте",
        "🏠work from home🏠apply now",
        "kpi's 3d 4k 5s 24/7 1-on-1",
        "grade a b c and d",
        "that's today's visa's food5 experience5",
    ] {
        let (text, kinds) = fold(source);
        assert_eq!(text, source);
        assert!(kinds.is_empty(), "{source}: {kinds:?}");
    }
}

#[test]
fn a_hyphenated_word_is_joined_without_suspicion() {
    let (text, kinds) = fold("on-line whats-app");
    assert_eq!(text, "online whatsapp");
    assert!(kinds.is_empty());
}

#[test]
fn long_rows_of_letters_cost_linear_time_and_stay() {
    let row = "x ".repeat(50_000);
    assert_eq!(fold(&row).0, row);
    let dots = "x.".repeat(50_000);
    assert_eq!(fold(&dots).0, dots);
}

#[test]
fn ordinary_signs_of_all_scripts_stay() {
    for source in [
        "do you have it? 男/女 中/英文",
        "包吃.住宿自理",
        "あいう・カード",
        "candidate/s and network/s, as is/to be, 24's...even",
        "sales.person in retail",
        "work*home ***urgent*** jobs",
        "wi-fi, e.g. p.m., d.s.k.f. m.a. b.sc.",
        "ग्राहक सेवा। वेतन 20,000/-",
        "ش.م.م و ذ.م.م",
        "หางาน 🔥 ด่วน🔥งาน",
        "一二三四五六七",
        "one two three four five",
        "พ.ศ. 2567 ส.ค. พ.ต.อ. ร.ง.4 ก.พ.ร.ประกาศ ธ.ก.ส. ส.ป.ป.ล",
        "ສ.ປ.ປ. ສ.ປ.ປ.ລ គ.ជ.ប អ.ថ.က အ.ထ.က",
        "บริษัท ที.ซี.ซี.เทคโนโลยี 云-网-边-端 (s.l.p., b.h.x.h.)",
        "阿卜杜拉·某 甲.乙.丙.丁 東-西-南-北 男/女/老/少 衣·食·住·行 包吃.住宿",
        "月.火.水.木.金 あ.い.う.え.お ジョン・スミス 一.二.三.四.五.六.日",
        "월.화.수.목.금 산.학.연 한 번 더 볼 수 있는 그 때",
        "एम.बी.बी.एस. पी.जी.डी.सी.ए. म.प्र. जो भी हो तो में",
        "b.tech. u.s.a. e.g. ph.d. a.b.c.d.e. a-b-c-d-e",
        "a.b.example.com 1.2.3.4.5 10-11-12-13 192.0.2.1 1-2-3-4-5",
        "a b c d e f g / size s m l x",
        "meet us at the office dot",
        "degree5 years food52 50ft 100k",
        "müşteri temsilcisi aranıyor, kimlik kartı, bakıda maaşı",
    ] {
        let (text, kinds) = fold(source);
        assert_eq!(text, source);
        assert!(kinds.is_empty(), "{source}: {kinds:?}");
    }
}

#[test]
fn spaced_headlines_are_read_without_suspicion() {
    let (text, kinds) = fold("F R E E F L I G H T\nto Dubai");
    assert_eq!(text, "free flight\nto dubai");
    assert!(kinds.is_empty());
}

#[test]
fn four_dotted_letters_are_read_as_their_word_without_suspicion() {
    let (text, kinds) = fold("The D.E.S.K. foundation");
    assert_eq!(text, "the desk. foundation");
    assert!(kinds.is_empty());
}

#[test]
fn emphasis_and_spellings_have_one_form() {
    for (source, plain) in [
        ("soooo ургенттттт", "soo ургентт"),
        ("ด่วนนนน", "ด่วน"),
        ("www.corp.example xxx iii", "www.corp.example xxx iii"),
        ("@annnna0 annnna_0", "@annnna0 annnna_0"),
        ("أإآ مدرسة على", "ااا مدرسه علي"),
        ("ہر کام کی", "هر كام كي"),
        ("تلجـــرام", "تلجرام"),
        ("cv to anna at gmail dot com today", "cv to anna@gmail.com today"),
        ("ana arroba gmail punto com", "ana@gmail.com"),
    ] {
        let (text, kinds) = fold(source);
        assert_eq!(text, plain, "{source}");
        assert!(kinds.is_empty(), "{source}: {kinds:?}");
    }
}

#[test]
fn watched_words_are_written_as_folded_text_is() {
    let slang = ["纸飞机"];
    let all = concat!(
        include_str!("../data/watchwords.txt"),
        include_str!("../data/words.txt"),
        include_str!("../data/common.txt")
    );
    let folder = Folder::new();
    for word in super::lines(all).flat_map(str::split_whitespace).filter(|w| !w.ends_with(':')) {
        let text = folder.fold(word).text;
        assert!(text == word || slang.contains(&word), "{word} is folded to {text}");
    }
}

/// Every place leads to a place not before the last one's, inside the text, on character boundaries.
fn check(source: &str, folded: &Folded) {
    let mut last = 0;
    for (i, c) in folded.text.char_indices() {
        let range = folded.map.source(i..i + c.len_utf8());
        assert!(range.start >= last && range.end >= range.start, "{source:?}: {range:?}");
        assert!(source.get(range.clone()).is_some(), "{source:?}: {range:?}");
        last = range.start;
    }
    for disguise in &folded.disguises {
        assert!(source.get(disguise.source.clone()).is_some_and(|s| !s.is_empty()), "{source:?}: {disguise:?}");
    }
}

proptest! {
    #[test]
    fn folding_is_idempotent_and_its_map_monotone(pieces in prop::collection::vec(prop::sample::select(vec![
        "t", "e", "l", "tele", "gram", "work", "free", "菠", "菜", "护", "照", "カ", "ンボ", "ジア", "サ", "ート", "薇", "信",
        "แอ", "ดมิน", "ចា", "ဂိ", "မ်း", "பா", "ஸ்போர்ட்", "ب", "ی", "ن", "ک", "े", "\u{301}", "\u{200b}", "\u{640}", "а", "е",
        "З", "П", "0", "1", "3", "@", "$", ".", "-", "*", "〇", "🔥", "❤", " ", "  ", "\n", "one", "two", "at", "dot", "com",
        "aaaa", "นนนน", "加", "賴", "/", ":", "\"", "K", "İ",
    ]), 0..16)) {
        let source = pieces.concat();
        let folder = Folder::new();
        let once = folder.fold(&source);
        check(&source, &once);
        let twice = folder.fold(&once.text);
        prop_assert_eq!(&twice.text, &once.text);
    }
}

/// Words of the languages, letter by letter.
const LETTERS: &str = "v.a.c.a.n.c.y é.c.o.l.e.s p.e.s.s.o.a.s n.g.h.i.ê.n.g п.е.р.е.в.о.д.ч.и.к ا.ل.م.ت.ق.د.م ك.ا.م.ي.ا.ب \
                       स.त्या.प.न न.म्ब.र.गु.लो.ते பூ.ட்.ட.ப்.ப.டு.ம் 지.원.방.법 취.업.비.자.로 ห.า.ง.า.น แ.อ.ด.มิ.น ເ.ງິ.ນ.ເ.ດື.ອ.ນ \
                       កិ.ច្ច.ស.ន្យា သေ.ချ.ာ.ရွေး 招.聘.客.服.人 徵.求.兼.職.員 お.問.い.合.わ.せ ア.ル.バ.イ.ト";

proptest! {
    /// What is set apart comes back as it was, leads to where it stood, and is noted; what is beside it stays.
    #[test]
    fn letters_set_apart_come_back(
        words in prop::collection::vec(prop::sample::select(LETTERS.split_whitespace().collect::<Vec<_>>()), 1..5),
        sign in prop::sample::select(vec![".", "-", "*", "~", "_"]),
        around in prop::sample::select(vec!["", "(", "\"", "5 "]),
        end in prop::sample::select(vec!["", ")", ", ", "!", ": 20"]),
    ) {
        let text = |sign: &str| {
            words.iter().map(|word| format!("{around}{}{end}", word.replace('.', sign))).collect::<Vec<_>>().join(" 7 ")
        };
        let folder = Folder::new();
        let (plain, apart) = (folder.fold(&text("")), folder.fold(&text(sign)));
        prop_assert_eq!(&apart.text, &plain.text);
        prop_assert!(plain.disguises.is_empty());
        check(&text(sign), &apart);
        let noted: Vec<String> = apart.disguises.iter().map(|d| text(sign)[d.source.clone()].to_owned()).collect();
        prop_assert_eq!(noted, words.iter().map(|word| word.replace('.', sign)).collect::<Vec<_>>());
    }

    /// So does what is set apart by spaces, but that words in a row may be run together.
    #[test]
    fn letters_spaced_apart_come_back(word in prop::sample::select(LETTERS.split_whitespace().collect::<Vec<_>>())) {
        // Four syllables may be words.
        prop_assume!(word.split('.').count() > 4 || word.starts_with(|c| matches!(c, 'ก'..='\u{eff}' | '招' | '徵')));
        let (source, plain) = (format!("7 {}, 20", word.replace('.', " ")), format!("7 {}, 20", word.replace('.', "")));
        let folder = Folder::new();
        let (apart, plain) = (folder.fold(&source), folder.fold(&plain));
        prop_assert_eq!(&apart.text, &plain.text);
        prop_assert_eq!(apart.disguises.len(), 1);
        check(&source, &apart);
    }
}

/// Twice the text takes about twice the time; a quadratic pass would take minutes here.
#[test]
fn hostile_texts_take_linear_time() {
    let folder = Folder::new();
    for piece in [
        "x ",
        "x.",
        "a🔥",
        "菠.",
        "カ〇",
        "one ",
        "plus ",
        "double ",
        "a*b ",
        "t e l ",
        "x\u{200b}",
        "а",
        "aaa",
        "@ ",
        "at ",
        "a at b dot ",
        "1o",
        "𝓐",
        "ب ",
        "ก.",
        "一",
        "\u{301}",
        "-",
        "(",
        "e@x.x",
        "招.",
        "의 ",
        "t.e.l.e ",
        "a1!|1 ",
    ] {
        let text = piece.repeat(300_000 / piece.len());
        let begun = std::time::Instant::now();
        folder.fold(&text);
        let taken = begun.elapsed();
        assert!(taken.as_secs_f64() < 6.0, "{piece:?} took {taken:?}");
    }
}
