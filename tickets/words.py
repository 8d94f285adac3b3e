"""What categories, urgencies, states and outcomes are called in messages and on pages."""

from tickets.kinds import Category, Channel, Urgency
from tickets.life import State

Pair = tuple[str, str]
CATEGORY: dict[str, Pair] = {
    Category.no_water: ("Su yok", "No water"),
    Category.low_pressure: ("Düşük basınç", "Low pressure"),
    Category.leak: ("Su kaçağı", "Leak"),
    Category.burst_main: ("Ana boru patlağı", "Burst main"),
    Category.sewer: ("Kanalizasyon", "Sewer"),
    Category.water_quality: ("Su kalitesi", "Water quality"),
    Category.meter: ("Sayaç", "Meter"),
    Category.bill: ("Fatura", "Bill"),
    Category.subscription: ("Abonelik", "Subscription"),
    Category.complaint: ("Şikâyet", "Complaint"),
    Category.thanks: ("Teşekkür", "Thanks"),
    Category.information: ("Bilgi", "Information"),
}
URGENCY: dict[str, Pair] = {
    Urgency.hazard: ("Tehlike", "Hazard"),
    Urgency.urgent: ("Acil", "Urgent"),
    Urgency.normal: ("Normal", "Normal"),
    Urgency.low: ("Düşük", "Low"),
}
STATE: dict[str, Pair] = {
    State.new: ("Yeni", "New"),
    State.sent: ("Birime iletildi", "Sent to the unit"),
    State.accepted: ("Birim kabul etti", "Accepted"),
    State.on_the_way: ("Ekip yolda", "On the way"),
    State.on_site: ("Ekip yerinde", "On site"),
    State.done: ("Sahada tamamlandı", "Done by the field"),
    State.confirming: ("Vatandaşa soruluyor", "Being confirmed"),
    State.closed: ("Kapandı", "Closed"),
    State.reopened: ("Yeniden açıldı", "Reopened"),
    State.unreachable: ("Vatandaşa ulaşılamadı", "Cannot be reached"),
}
CHANNEL: dict[str, Pair] = {
    Channel.phone: ("Telefon (185)", "Phone (185)"),
    Channel.agent: ("Temsilci", "Agent"),
    Channel.web: ("Web", "Web"),
    Channel.app: ("Uygulama", "App"),
    Channel.email: ("E-posta", "E-mail"),
    Channel.social: ("Sosyal medya", "Social media"),
    Channel.line_153: ("153", "153"),
    Channel.cimer: ("CİMER", "CİMER"),
    Channel.other: ("Diğer", "Other"),
}
CAUSES: dict[str, Pair] = {
    "pipe_burst": ("Boru patlağı", "Burst pipe"),
    "leaking_joint": ("Bağlantı kaçağı", "Leaking joint"),
    "valve": ("Vana", "Valve"),
    "service_line": ("Abone bağlantısı", "Service line"),
    "meter": ("Sayaç", "Meter"),
    "pump_or_power": ("Pompa ya da elektrik", "Pump or power"),
    "blocked_sewer": ("Kanal tıkanıklığı", "Blocked sewer"),
    "damage_by_others": ("Başkasının verdiği hasar", "Damage by others"),
    "inside_the_house": ("Bina içi tesisat", "Inside the house"),
    "nothing_found": ("Arıza bulunamadı", "Nothing found"),
    "other": ("Diğer", "Other"),
}
"""What the field may say that it found."""
HEARD: dict[str, Pair] = {
    "by_call": ("Telefonla aranacak", "To be called"),
    "by_people": ("Geri dönüş masası arayacak", "The call-back desk will call"),
    "by_desk": ("Geri dönüş masası soruyor", "The call-back desk asks"),
    "called_by_person": ("Görevli aradı", "A person called"),
    "put_off": ("Yeniden aranacak", "To be called again"),
    "not_callable": ("Bu numara aranamaz", "This number cannot be called"),
    "opted_out": ("Aranmak istemiyor", "Wants no calls"),
    "busy": ("Meşgul", "Busy"),
    "no_answer": ("Yanıt yok", "No answer"),
    "rejected": ("Reddetti", "Rejected"),
    "failed": ("Arama kurulamadı", "The call failed"),
    "answered_machine": ("Telesekreter", "Answering machine"),
    "answered_person": ("Görüşüldü, soru yanıtlanmadı", "Talked to, without an answer"),
    "hung_up": ("Yanıt vermeden kapattı", "Hung up without an answer"),
    "unknown": ("Sonucu bilinmiyor", "Outcome unknown"),
    "calls_in_vain": ("Tüm aramalar sonuçsuz kaldı", "All calls were in vain"),
    "solved": ("Vatandaş: giderildi", "The citizen says it is solved"),
    "not_solved": ("Vatandaş: giderilmedi", "The citizen says it is not solved"),
    "wants_person": ("Temsilci istedi", "Wants to talk to a person"),
    **{f"stars_{stars}": (f"Memnuniyet: {stars}/5", f"Satisfaction: {stars} of 5") for stars in range(1, 6)},
}
"""What came of asking the citizen by telephone: the reasons of those moves."""
