use proptest::prelude::*;

use unicode_script::Script;

use super::LanguageDetector;
use super::words::Words;
use crate::text::chars::{is_alphanumeric, is_mark, properties};

fn detect(s: &str) -> &'static str {
    LanguageDetector::new().detect(std::iter::once(s)).language.tag()
}

#[test]
fn languages_of_short_ads() {
    for (tag, text) in [
        ("en", "we are hiring customer service for our office, free flight and lodging"),
        ("zh-Hans", "招聘客服 包吃住 包机票 月薪过万 联系我们"),
        ("zh-Hant", "徵客服人員 包吃住 包機票 免經驗 請聯繫"),
        ("th", "รับสมัครงานแอดมิน เงินเดือน 30000 มีที่พักฟรี"),
        ("vi", "tuyển nhân viên việc nhẹ lương cao, bao ăn ở, không cần bằng cấp"),
        (
            "id",
            "lowongan kerja admin di kamboja, gaji 15 juta, tanpa pengalaman, tiket ditanggung yang berminat hubungi kami",
        ),
        (
            "ms",
            "kerja kosong operator, gaji rm3000 sebulan, penginapan disediakan, berminat boleh whatsapp kami sekarang",
        ),
        ("tl", "naghahanap po kami ng data encoder sa thailand, libreng ticket at bahay para sa inyo"),
        ("hi", "डाटा एंट्री की नौकरी, वेतन अच्छा है, कोई अनुभव नहीं चाहिए"),
        ("ne", "डाटा इन्ट्रीको काम छ, तलब राम्रो छ, अनुभव चाहिँदैन, सम्पर्क गर्नुहोस्"),
        ("ur", "ڈیٹا انٹری کی نوکری ہے، تنخواہ اچھی ہے، رابطہ کریں"),
        ("ar", "مطلوب موظفين خدمة عملاء في دبي، السكن والتذاكر مجانا"),
        ("bn", "কম্পিউটার অপারেটর নিয়োগ, বেতন ভালো"),
        ("ta", "டேட்டா என்ட்ரி வேலை, நல்ல சம்பளம்"),
        ("my", "အလုပ်ခေါ်စာ လစာကောင်း"),
        ("km", "ជ្រើសរើសបុគ្គលិក ប្រាក់ខែខ្ពស់"),
        ("lo", "ຮັບສະໝັກພະນັກງານ ເງິນເດືອນດີ"),
        ("ru", "требуется оператор, работа в таиланде, билет и жилье оплачиваем"),
        ("pt", "vaga para atendente, salário em dólar, não precisa de experiência, passagem paga"),
        ("es", "buscamos personal para atención al cliente, sin experiencia, con vuelo y alojamiento"),
        ("fr", "nous recrutons des agents pour le service client, billet et logement offerts"),
        ("sw", "nafasi za kazi ya huduma kwa wateja nchini thailand, tiketi na malazi bure, piga simu"),
        ("ja", "タイでのカスタマーサポート募集、航空券と寮を無料で提供します"),
        ("ko", "캄보디아 고객센터 직원 모집, 항공권 숙소 제공"),
        ("und", "wir suchen einen buchhalter in münchen mit guten kenntnissen der deutschen sprache"),
        ("und", "stellenangebot: verkäufer für unser geschäft in köln gesucht, vollzeit, in bar"),
        ("und", "zatrudnię kierowcę na stałe, praca za granicą, zapewniamy mieszkanie i przeszkolenie na miejscu"),
        ("und", "angajăm șofer pentru transport în țară, salariu bun și cazare asigurată, fără experiență"),
        ("und", "استخدام اپراتور در تهران، حقوق خوب، چند نفر، با پرداخت روزانه، آگهی"),
        ("en", "we are hiring for our offices in köln and zürich, with a salary that is paid every month"),
        ("und", "nagkinahanglan kami og drayber nga maayo mo drayb, ang sweldo kada bulan ug libre nga pamahaw"),
        ("und", "golek wong sing gelem kerjo nang warung, bayaran saben sasi, mangan ditanggung, ora kudu pengalaman"),
        ("und", "muna neman ma'aikata don aiki a kamfani, albashi mai kyau kowane wata, babu kwarewa"),
        ("und", "waxaa loo baahan yahay shaqaale leh waayo-aragnimo, mushaharka bishii waa fiican yahay"),
        ("und", "kafega ofitsiant kerak, oylik kelishiladi, tajriba shart emas, murojaat uchun telefon"),
        ("und", "आमच्या दुकानासाठी सेल्समन पाहिजे, पगार चांगला आहे, अनुभव असेल तर उत्तम"),
        ("und", "потрібен водій категорії с, зарплата щотижня, житло надається, досвід від року, телефонуйте"),
        ("und", "дәмханаға аспаз керек, жалақысы жоғары, жатын орын бар, тәжірибе міндетті емес"),
        ("und", "жолооч ажилд авна, цалин өндөр, хоол унаа үнэгүй, туршлага шаардахгүй"),
        ("und", "satıcı qız tələb olunur, iş təcrübəsi vacib deyil, əmək haqqı yaxşıdır"),
        (
            "ru",
            "в Алматы требуется продавец, зарплата 250 000 тенге, рядом базар Жібек Жолы, звоните в любое время дня",
        ),
        ("tl", "hiring kami ng driver sa mga probinsya, libreng pagkain at tirahan, ang sahod ay kada buwan"),
        ("id", "dicari karyawan toko untuk kerja shift, gaji bulanan dan makan, pengalaman tidak wajib"),
        ("und", "🔥🔥🔥 123"),
    ] {
        assert_eq!(detect(text), tag, "{text}");
    }
}

proptest! {
    #[test]
    fn words_are_letters_digits_and_what_joins_them(text in "([a-z0-9]{0,9}[ .,-]{0,2}){0,30}|[a-cA-C0é\u{301}काम ँ.ж一-]{0,150}|\\PC{0,80}") {
        let of_word = |c: char| {
            is_alphanumeric(c) || !c.is_ascii() && (properties(c).script() == Script::Devanagari || is_mark(c))
        };
        let words: Vec<&str> = text.split(|c| !of_word(c)).filter(|word| !word.is_empty()).collect();
        prop_assert_eq!(Words::new(&text).collect::<Vec<_>>(), words);
    }
}

#[test]
fn scripts_of_other_languages_are_not_supported() {
    let detector = LanguageDetector::new();
    assert!(!detector.detect(std::iter::once("დიდი ხელფასი")).supported_script);
    assert!(!detector.detect(std::iter::once("12 !!")).supported_script);
    assert!(detector.detect(std::iter::once("buchhalter")).supported_script);
}
