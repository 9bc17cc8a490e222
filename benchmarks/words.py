"""Words of company names: enough distinct names for a million customers that are not all nearly alike."""

from __future__ import annotations

from typing import Final

_CONSONANTS: Final = "bdfghjklmnprstv"
_VOWELS: Final = "aeiouyø"

TRADES: Final = (
    "bygg rør elektro regnskap transport bakeri gartneri trykkeri revisjon eiendom maling mekanikk snekkeri "
    "arkitekter rådgivning reklame renhold sveis data telefoni møbler optikk apotek fisk oppdrett maskin "
    "kjøling ventilasjon stillas taxi buss spedisjon tannlege fysioterapi klinikk barnehage skole forlag "
    "film musikk hotell kafé catering vinduer gulv tak mur anlegg landmåling vask"
).split()
TOWNS: Final = (
    "Oslo Bergen Trondheim Stavanger Tromsø Drammen Hamar Bodø Ålesund Molde Narvik Alta Voss Lillehammer "
    "Gjøvik Moss Halden Skien Larvik Arendal Kristiansand Mandal Haugesund Stord Førde Florø Namsos Steinkjer "
    "Levanger Mosjøen Harstad Finnsnes Hammerfest Vadsø Kirkenes Røros Elverum Kongsberg Notodden Sandefjord"
).split()
SURNAMES: Final = (
    "Hansen Johansen Olsen Larsen Andersen Pedersen Nilsen Kristiansen Jensen Karlsen Johnsen Pettersen "
    "Eriksen Berg Haugen Hagen Johannessen Andreassen Jacobsen Dahl Jørgensen Halvorsen Henriksen Lund "
    "Sørensen Jakobsen Moen Gundersen Iversen Strand Solberg Svendsen Eide Knutsen Martinsen Paulsen Bakken "
    "Kristoffersen Mathisen Lie Amundsen Nguyen Rasmussen Lien Solheim Kvam Moe Berge Nygård Bakke"
).split()
FIRST_NAMES: Final = (
    "Kari Anne Inger Ingrid Marit Liv Eva Berit Astrid Bjørg Hilde Solveig Jan Per Bjørn Ole Lars Kjell Knut "
    "Svein Arne Thomas Hans Geir Tor Morten Martin Terje Odd Erik Anders Andreas John Rune Trond Tore"
).split()
PROJECTS: Final = (
    "Årsregnskap Lønn Support Nettside Revisjon Rådgivning Opplæring Drift Vedlikehold Kampanje Prosjektering "
    "Byggeledelse Kontroll Befaring Oppmåling Innføring Migrering Analyse Rapportering Utredning"
).split()


def syllables() -> list[str]:
    """Return 105 syllables, any two of which differ in at least two letters."""
    return [
        first + vowel + _CONSONANTS[(start + middle) % len(_CONSONANTS)]
        for start, first in enumerate(_CONSONANTS)
        for middle, vowel in enumerate(_VOWELS)
    ]
