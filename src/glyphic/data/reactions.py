"""A random source of lines of school chemistry: equations with structures, formulas, conditions, one step or several.

What happens is taken from textbooks (a table of what becomes of a group, one of whole equations, one of ions), on what
it happens is put together at random, and how it is drawn is a pupil's way (sketches.py). Most lines are true, as far as
a group's fate says; numbers before a formula are those of one group. Some have a pupil's slip (C2H3OH for ethanol), so
that who learns from them reads what is there, and not what should be.
"""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import gcd

from glyphic.core.errors import NotationError, OptionError
from glyphic.data.sketches import FRAMES, Frame, Sketch, parsed, spelled, substituted
from glyphic.notations.molecule import texts, to_target
from glyphic.notations.molecule.graph import Arrow, ArrowKind, Atom, Drawing, Plus, Scheme, beside

Part = Drawing | Plus | Arrow

# a group | reagents | above the arrow | below | what it becomes | what else is formed; `;` parts alternatives, no group
# is a hydrogen of a benzene ring, `<=>` before the group an equilibrium
FATES = """
|Br2|FeBr3;Fe;FeCl3|;△|Br|HBr
|Cl2|FeCl3;Fe;AlCl3|;△|Cl|HCl
|HNO3;HNO3(浓)|浓H2SO4;浓硫酸|△;50~60℃;水浴加热;55℃|NO2|H2O
|H2SO4(浓);浓H2SO4;H2SO4|;△|△;70~80℃;|SO3H|H2O
|CH3Cl;CH3Br|AlCl3;无水AlCl3|;△|CH3|HCl
|C2H5Br;CH3CH2Br|AlBr3;AlCl3|;△|C2H5|HBr
|CH3COCl|AlCl3;无水AlCl3|;△|COCH3|HCl
|CH2=CH2|AlCl3;催化剂|;△|C2H5|
CH3||KMnO4/H^+;KMnO4,H^+;酸性KMnO4溶液;KMnO4(H^+)|;△|COOH|
CH3|Cl2|光照;光;hν|;△|CH2Cl|HCl
CH3|Br2|光照;光;hν|;△|CH2Br|HBr
CH3|O2|催化剂;V2O5|△;|CHO|H2O
CH2Cl|NaOH|H2O;水;NaOH/H2O;水溶液|△|CH2OH|NaCl
CH2Br|NaOH|H2O;水;NaOH水溶液|△|CH2OH|NaBr
CH2Br|H2O|NaOH;NaOH水溶液|△|CH2OH|HBr
CH2Br|NaCN|乙醇;|△;|CH2CN|NaBr
CH2Br|NH3|;一定条件|;△|CH2NH2|HBr
CH2OH|O2|Cu;Ag;Cu/O2;Cu或Ag|△|CHO|H2O
CH2OH|HBr|浓H2SO4;|△|CH2Br|H2O
CH2OH||KMnO4/H^+;K2Cr2O7/H^+;酸性KMnO4||COOH|
CH2OH|CH3COOH|浓H2SO4;浓硫酸|△;加热|CH2OOCCH3|H2O
CH2OH|SOCl2|;吡啶|;△|CH2Cl|SO2 + HCl
CHO|O2|催化剂;Cu;醋酸锰|△;|COOH|
CHO|H2|Ni;催化剂;Pt|△;高温、高压|CH2OH|
CHO|2Cu(OH)2 + NaOH|;△|△;|COONa|Cu2O↓ + 3H2O
CHO|2Cu(OH)2|△;加热|;|COOH|Cu2O↓ + 2H2O
CHO|2Ag(NH3)2OH|△;水浴加热;水浴|;△|COONH4|2Ag↓ + 3NH3 + H2O
CHO|HCN|催化剂;一定条件;|;|CH(OH)CN|
CHO|CH3CHO|NaOH;稀NaOH;OH^-;碱|△;|CH=CHCHO|H2O
CHO|CH2(COOH)2|吡啶;吡啶、苯胺|△|CH=CHCOOH|CO2 + H2O
CHO|NH2OH|;HCl|;△|CH=NOH|H2O
CHO|H2NNH2|;催化剂|;△|CH=NNH2|H2O
COOH|NaOH|||COONa|H2O
COOH|NaHCO3||;△|COONa|CO2↑ + H2O
COOH|Na2CO3|||COONa|NaHCO3
COOH|Na|||COONa|H2↑
COOH|SOCl2|;DMF|△;|COCl|SO2↑ + HCl↑
COOH|NH3|△;一定条件|;|CONH2|H2O
COOH|CH3NH2|催化剂;DCC|;△|CONHCH3|H2O
COOH||LiAlH4;①LiAlH4 ②H3O^+||CH2OH|
<=>COOH|CH3OH|浓H2SO4;浓硫酸|△;加热|COOCH3|H2O
<=>COOH|C2H5OH;CH3CH2OH|浓H2SO4;浓硫酸;H2SO4|△;加热|COOC2H5|H2O
COOH|C2H5OH;CH3CH2OH|浓H2SO4;浓硫酸|△;加热|COOC2H5|H2O
<=>COOH|(CH3)2CHOH|浓H2SO4;H^+|△|COOCH(CH3)2|H2O
COONa|HCl;H2SO4|;H^+|;|COOH|NaCl
COOC2H5|NaOH|△;;H2O|△;|COONa|C2H5OH
COOCH3|NaOH|△;;H2O|△;|COONa|CH3OH
<=>COOC2H5|H2O|H^+;稀H2SO4;稀硫酸|△;|COOH|C2H5OH
<=>COOCH3|H2O|H^+;稀H2SO4|△;|COOH|CH3OH
COOC2H5|NH3|;一定条件|;△|CONH2|C2H5OH
COOCH3||LiAlH4;NaBH4;①LiAlH4 ②H2O||CH2OH|CH3OH
COCl|NH3||;△|CONH2|HCl
COCl|C2H5OH|;吡啶|;△|COOC2H5|HCl
COCl|H2O|||COOH|HCl
NO2|H2|Ni;Pd/C;催化剂|△;|NH2|2H2O
NO2||Fe/HCl;Fe,HCl;Fe+HCl;Zn/HCl;Sn/HCl|;△|NH2|
NH2|HCl||;|NH3^+Cl^-|
NH2|CH3COCl|;吡啶;NEt3|;△|NHCOCH3|HCl
NH2|(CH3CO)2O|;△;醋酸|;|NHCOCH3|CH3COOH
NH2||NaNO2/HCl;NaNO2,HCl|0~5℃;低温|N2^+Cl^-|
NHCOCH3|H2O|H^+;NaOH;稀硫酸|△|NH2|CH3COOH
N2^+Cl^-||CuCl;Cu2Cl2|;△|Cl|N2
N2^+Cl^-|H2O|△;H^+|;|OH|N2↑ + HCl
OH|NaOH|||ONa|H2O
OH|Na|||ONa|H2↑
OH|Na2CO3|||ONa|NaHCO3
OH|CH3I;CH3Br|K2CO3;NaOH|;△|OCH3|HI
OH|C2H5Br;CH3CH2Br|K2CO3;NaOH|△;|OC2H5|HBr
OH|CH3COCl|;吡啶;K2CO3|;△|OOCCH3|HCl
OH|(CH3CO)2O|;△;H^+|;△|OOCCH3|CH3COOH
ONa|CO2 + H2O|||OH|NaHCO3
ONa|HCl|||OH|NaCl
ONa|CH3I|;△|;|OCH3|NaI
OCH3|HI;HBr|△;|;△|OH|CH3I
OOCCH3|NaOH|△;H2O|;△|ONa|CH3COONa
OOCCH3|2NaOH|△;|;△|ONa|CH3COONa + H2O
Br|NaOH|Cu;H2O;高温、高压|△;|OH|NaBr
Cl|2NaOH|催化剂;高温、高压;一定条件|;△|ONa|NaCl + H2O
Br|Mg|乙醚;无水乙醚;THF|;△|MgBr|
Br|NaCN;CuCN|;DMF|△;|CN|NaBr
MgBr|CO2|①CO2 ②H3O^+;H^+|;H2O|COOH|
CN|2H2O|H^+;稀硫酸;H3O^+|△;|COOH|NH3
CN|2H2|Ni;催化剂|△;|CH2NH2|
SO3H|NaOH|||SO3Na|H2O
SO3H|3NaOH|;△;高温|△;|ONa|Na2SO3 + 2H2O
SO3Na|2NaOH|△;高温|;|ONa|Na2SO3 + H2O
COCH3|H2|Ni;催化剂|△;|CH(OH)CH3|
COCH3|HCN|催化剂;|;△|C(OH)(CH3)CN|
CH(OH)CH3|O2|Cu;Ag|△|COCH3|H2O
CH(OH)CH3||浓H2SO4;浓硫酸|△;170℃|CH=CH2|H2O
CHBrCH3|NaOH|乙醇;醇;C2H5OH;NaOH醇溶液|△|CH=CH2|NaBr + H2O
CHClCH3|NaOH|乙醇;醇|△|CH=CH2|NaCl + H2O
CHBrCH3|NaOH|水;H2O|△|CH(OH)CH3|NaBr
CH2CH2Br|NaOH|乙醇;醇;醇溶液|△|CH=CH2|NaBr + H2O
CH2CH2OH||浓H2SO4;浓硫酸|170℃;△|CH=CH2|H2O
CH2CH2OH|O2|Cu;Ag|△|CH2CHO|H2O
CH2CH2OH|HBr|△;|;△|CH2CH2Br|H2O
CH2CH2Cl|NH3|;催化剂|△;|CH2CH2NH2|HCl
CH=CH2|Br2|CCl4;;溴水|;|CHBrCH2Br|
CH=CH2|HBr|催化剂;;一定条件|;△|CHBrCH3|
CH=CH2|HCl|催化剂;|△;|CHClCH3|
CH=CH2|H2|Ni;Pt;催化剂|△;|CH2CH3|
CH=CH2|H2O|催化剂;H^+;稀硫酸|加热、加压;△|CH(OH)CH3|
CHBrCH2Br|2NaOH|乙醇;醇|△|C#CH|2NaBr + 2H2O
C2H5|Cl2|光照;光|;|CHClCH3|HCl
C2H5||催化剂;ZnO|△;高温;600℃|CH=CH2|H2
C2H5||KMnO4/H^+;酸性KMnO4||COOH|
CH(OH)CN|2H2O|H^+;稀H2SO4|△;|CH(OH)COOH|NH3
C(CH3)2OH||浓H2SO4|△|C(CH3)=CH2|H2O
CONH2|H2O|H^+;HCl|△;|COOH|NH3
CONH2||P2O5;SOCl2|△;|CN|H2O
CH2CN|2H2O|H^+;H3O^+|△;|CH2COOH|NH3
CH2COOH|Br2|P;红磷|;△|CHBrCOOH|HBr
CH2COOH|CH3OH|浓H2SO4|△|CH2COOCH3|H2O
CH2COOH|NaHCO3||;|CH2COONa|H2O + CO2↑
CH=CHCHO|O2|催化剂;Ag(NH3)2OH|△;|CH=CHCOOH|
CH=CHCOOH|C2H5OH|浓H2SO4|△|CH=CHCOOC2H5|H2O
CH=CHCOOH|H2|Ni;Pd/C|△;|CH2CH2COOH|
OC2H5|HI|△;|;|OH|C2H5I
CH3|3Cl2|光照;光|;|CCl3|3HCl
I|NaOH|乙醇;H2O|△|OH|NaI
"""

# whole equations; what stands in {} is a chain that is drawn with its bonds, %name or %name(groups) a ring
EQUATIONS = """
{CH2=CH2} + Br2|;CCl4|{CH2[-Br]-CH2[-Br]}|{.=.} + Br2|
{CH2=CH2} + H2O|催化剂;H2SO4|CH3CH2OH
{CH2=CH2} + HCl|催化剂|CH3CH2Cl
{CH2=CH-CH3} + HBr|催化剂;|{CH3-CH[-Br]-CH3}
{CH3-CH=CH2} + Br2|CCl4;|{CH3-CH[-Br]-CH2[-Br]}
{CH2=CH-CH=CH2} + Br2|;CCl4|{CH2[-Br]-CH=CH-CH2[-Br]}
{CH2=CH-CH=CH2} + {CH2=CH2}|△;一定条件|%cyclohexene
{.=.-.=.} + {.=.-CHO}|△|%cyclohexene(CHO)
{.=.-.=.} + {.=.-COOH}|△;加热|%cyclohexene(COOH)
n{CH2=CH2}|催化剂;一定条件|[CH2-CH2]n
n{CH2=CH[-Cl]}|催化剂;引发剂|[CH2-CHCl]n
n{CH2=CH[-CN]}|催化剂|[CH2-CHCN]n
n{CH2=CH-CH=CH2}|催化剂;Na|[CH2-CH=CH-CH2]n
{CH#CH} + 2Br2|;|{CH[-Br][-Br]-CH[-Br][-Br]}
{CH#CH} + HCl|HgCl2;催化剂|{CH2=CH[-Cl]}
{CH#CH} + H2O|催化剂;HgSO4|CH3CHO
{CH2[-Cl]-CH2[-Cl]} + 2NaOH|H2O;水|{CH2[-OH]-CH2[-OH]} + 2NaCl
{CH2[-Br]-CH2[-Br]} + 2NaOH|水/△;H2O|{CH2[-OH]-CH2[-OH]} + 2NaBr
{CH2[-OH]-CH2[-OH]} + O2|Cu;Ag或Cu|{CHO-CHO} + 2H2O
{CHO-CHO} + O2|催化剂|{COOH-COOH}
{COOH-COOH} + 2C2H5OH|浓H2SO4|{COOC2H5-COOC2H5} + 2H2O
{COOH-COOH} + {CH2[-OH]-CH2[-OH]}|浓H2SO4|%dioxane + 2H2O
{CH3-C[=O]-OH} + {HO-CH2-CH3}|浓H2SO4;浓硫酸|{CH3-C[=O]-O-CH2-CH3} + H2O
{CH3-C[=O]-Cl} + NH3||{CH3-C[=O]-NH2} + HCl
{CH3-C[=O]-O-C2H5} + NaOH|△|{CH3-C[=O]-ONa} + C2H5OH
{CH3-CH[-OH]-CH3}|浓H2SO4;浓硫酸|{CH3-CH=CH2} + H2O
2{CH3-CH[-OH]-CH3} + O2|Cu|2{CH3-C[=O]-CH3} + 2H2O
{CH3-CH[-Br]-CH3} + NaOH|乙醇;醇|{CH3-CH=CH2} + NaBr + H2O
{CH3-CH[-OH]-COOH} + NaHCO3||{CH3-CH[-OH]-COONa} + H2O + CO2↑
{CH3-CH[-NH2]-COOH} + NaOH||{CH3-CH[-NH2]-COONa} + H2O
{CH2[-NH2]-COOH} + HCl||{CH2[-NH3Cl]-COOH}
{CH2[-OOCC17H35]-CH[-OOCC17H35]-CH2[-OOCC17H35]} + 3NaOH|△|3C17H35COONa + {CH2[-OH]-CH[-OH]-CH2[-OH]}
{CH2[-OH]-CH[-OH]-CH2[-OH]} + 3HNO3|浓H2SO4|{CH2[-ONO2]-CH[-ONO2]-CH2[-ONO2]} + 3H2O
{H-C[-H][-H]-H} + Cl2|光照;光|{H-C[-H][-H]-Cl} + HCl
{H-C[-H][-H]-C[-H][-H]-OH} + Na||{H-C[-H][-H]-C[-H][-H]-ONa} + H2
CH3CH2OH + HBr|△;|CH3CH2Br + H2O
2CH3CH2OH + O2|Cu;Ag|2CH3CHO + 2H2O
CH3CH2OH|浓H2SO4|{CH2=CH2}↑ + H2O
2CH3CH2OH|浓H2SO4|C2H5OC2H5 + H2O
2CH3CH2OH + 2Na||2CH3CH2ONa + H2↑
CH3COOH + CH3CH2OH|浓H2SO4;浓硫酸|CH3COOCH2CH3 + H2O
CH3CHO + 2Cu(OH)2 + NaOH|△|CH3COONa + Cu2O↓ + 3H2O
CH3CHO + 2Ag(NH3)2OH|△;水浴|CH3COONH4 + 2Ag↓ + 3NH3 + H2O
HCHO + 4Ag(NH3)2OH|△|(NH4)2CO3 + 4Ag↓ + 6NH3 + 2H2O
CH3COONa + NaOH|CaO|CH4↑ + Na2CO3
C6H12O6|酒化酶;催化剂|2C2H5OH + 2CO2↑
C12H22O11 + H2O|稀硫酸;酶|C6H12O6 + C6H12O6
CaC2 + 2H2O||Ca(OH)2 + {CH#CH}↑
CH4 + 2O2|点燃|CO2 + 2H2O
C2H4 + 3O2|点燃|2CO2 + 2H2O
%benzene + 3H2|Ni;催化剂|%cyclohexane
%cyclohexene + Br2|;CCl4|%cyclohexane(Br,Br)
%cyclohexene + H2|Ni;催化剂|%cyclohexane
%cyclohexene + HBr|催化剂;|%cyclohexane(Br)
%cyclohexane(OH)|浓H2SO4;浓硫酸|%cyclohexene + H2O
%cyclohexane(Br) + NaOH|乙醇;醇|%cyclohexene + NaBr + H2O
%cyclohexane(Cl) + NaOH|乙醇;醇溶液|%cyclohexene + NaCl + H2O
%cyclohexane(OH) + O2|Cu|%cyclohexane(=O) + H2O
%cyclohexane(=O) + H2|Ni;催化剂|%cyclohexane(OH)
%cyclohexane(=O) + HCN|催化剂;|%cyclohexane(CN,OH)
%cyclohexadiene + 2Br2|;CCl4|%cyclohexane(Br,Br,Br,Br)
%cyclopentane + Cl2|光照|%cyclopentane(Cl) + HCl
%cyclopentane(=O)|①CH3MgBr ②H2O;NaBH4|%cyclopentane(OH)
%benzene(OH) + 3Br2||%benzene(OH,Br,Br,Br)↓ + 3HBr
%benzene(OH) + 3HNO3|浓硫酸|%benzene(OH,NO2,NO2,NO2) + 3H2O
%benzene(OH) + 2HCHO|催化剂|%benzene(OH,CH2OH,CH2OH)
%benzene(OH) + HCHO|H^+;催化剂|%benzene(OH,CH2OH)
%benzene(CH3) + 3HNO3|浓H2SO4|%benzene(CH3,NO2,NO2,NO2) + 3H2O
%benzene(OH,COOH) + (CH3CO)2O|浓H2SO4;|%benzene(OOCCH3,COOH) + CH3COOH
%benzene(OH,COOH) + NaHCO3||%benzene(OH,COONa) + H2O + CO2↑
%benzene(OH,COOH) + 2NaOH||%benzene(ONa,COONa) + 2H2O
%benzene(OOCCH3,COOH) + 3NaOH|△|%benzene(ONa,COONa) + CH3COONa + 2H2O
%benzene(ONa,COONa) + CO2 + H2O||%benzene(OH,COONa) + NaHCO3
%benzene(CHO) + %benzene(COCH3)|NaOH;稀碱|%benzene(CH=CHCOC6H5) + H2O
%benzene(COOH) + %benzene(OH)|浓H2SO4;一定条件|%benzene(COOC6H5) + H2O
%benzene(COOH) + %benzene(CH2OH)|浓H2SO4|%benzene(COOCH2C6H5) + H2O
n%benzene(CH=CH2)|催化剂;引发剂|[CH2-CH(C6H5)]n
%naphthalene + HNO3|浓H2SO4|%naphthalene(NO2) + H2O
%naphthalene + Br2|Fe;CCl4|%naphthalene(Br) + HBr
%furan(CHO) + H2|Ni|%furan(CH2OH)
%pyridine(CH3)|KMnO4/H^+|%pyridine(COOH)
%dioxole(CHO) + {CH2[-COOH]-COOH}|吡啶|%dioxole(CH=CHCOOH) + CO2 + H2O
2Na + 2H2O||2NaOH + H2↑
2Al + Fe2O3|高温|2Fe + Al2O3
Fe + CuSO4||FeSO4 + Cu
N2 + 3H2|催化剂;高温、高压|<=>2NH3
2SO2 + O2|催化剂;V2O5|<=>2SO3
Cl2 + H2O||<=>HCl + HClO
4NH3 + 5O2|催化剂|4NO + 6H2O
2KClO3|MnO2|2KCl + 3O2↑
2H2O2|MnO2|2H2O + O2↑
MnO2 + 4HCl(浓)|△|MnCl2 + Cl2↑ + 2H2O
Cu + 2H2SO4(浓)|△|CuSO4 + SO2↑ + 2H2O
3Cu + 8HNO3||3Cu(NO3)2 + 2NO↑ + 4H2O
C + 2H2SO4(浓)|△|CO2↑ + 2SO2↑ + 2H2O
CaCO3|高温|CaO + CO2↑
2NaHCO3|△|Na2CO3 + CO2↑ + H2O
Ca(OH)2 + CO2||CaCO3↓ + H2O
NH4Cl + NaOH|△|NaCl + NH3↑ + H2O
"""

CATIONS = {"H": 1, "Na": 1, "K": 1, "NH4": 1, "Ag": 1, "Ca": 2, "Ba": 2, "Mg": 2, "Cu": 2, "Zn": 2, "Fe": 2, "Al": 3}
ANIONS = {"OH": 1, "Cl": 1, "Br": 1, "NO3": 1, "HCO3": 1, "CH3COO": 1, "SO4": 2, "CO3": 2, "SO3": 2, "S": 2, "PO4": 3}
SOLID = {("Ag", "Cl"), ("Ag", "Br"), ("Ba", "SO4"), ("Ca", "CO3"), ("Ba", "CO3"), ("Cu", "OH"), ("Mg", "OH"),
         ("Fe", "OH"), ("Al", "OH"), ("Zn", "OH"), ("Cu", "S"), ("Ag", "PO4")}

UNKNOWN = {("Ag", "OH"), ("Al", "CO3"), ("Al", "S"), ("Al", "SO3"), ("Al", "HCO3"), ("Fe", "HCO3"), ("Cu", "HCO3")}

BESIDE = ("CH3", "CH3", "OH", "OH", "Cl", "Br", "NO2", "NH2", "COOH", "CHO", "OCH3", "C2H5", "COOCH3", "F", "CN",
          "SO3H", "CH2OH", "COCH3", "I", "COOC2H5", "CH(CH3)2", "NHCOCH3", "CF3", "CH2CH2OH", "N(CH3)2", "CH=CH2")
STEMS = ("CH3-", "CH3-CH2-", "CH3-CH2-CH2-", "CH3CH2-", "CH3-CH[-CH3]-", "CH3-CH[-OH]-", "CH3-CH[-CH3]-CH2-",
         "HOOC-CH2-", "C2H5-", "(CH3)2CH-", "CH2=CH-", ".-", ".-.-", ".-.[-.]-", ".[-.]-", "HO-CH2-CH2-", "Cl-CH2-",
         "CH3-C[=O]-CH2-", "C6H5-", "R-", "CH2[-OH]-CH[-OH]-", "H2N-CH2-", "CH2=C[-CH3]-", ".-.-.-", "CH3CH=CH-")
WORDS = ("CH3", "C2H5", "CH3CH2", "(CH3)2CH", "C6H5", "C3H7", "CH3CH2CH2", "HOCH2CH2", "R")
NUMBERS = ("({}):", "({})", "({})", "({}).", "{}.", "{}、", "({})、")
TRIES = 200
SLIPS = 0.3  # of the lines have one, or several
FULL_OF_SLIPS = 0.75  # of those that are drawn to be read as they stand, not as they should
ELEMENTS = ("C", "H", "O", "N", "S", "Br", "Cl", "I", "F", "Na", "K", "P", "Cu", "Ag", "Fe", "Mg")
PIECE = re.compile(r"[A-Z][a-z]?|[0-9]")


@dataclass(frozen=True)
class Fate:
    """What becomes of a group."""

    before: str
    reagents: tuple[str, ...]
    above: tuple[str, ...]
    below: tuple[str, ...]
    after: str
    besides: str
    equilibrium: bool


@cache
def fates() -> tuple[Fate, ...]:
    """The table of what becomes of groups."""
    result = []
    for line in FATES.strip("\n").split("\n"):
        before, reagents, above, below, after, besides = line.split("|")
        result.append(Fate(before.removeprefix("<=>"), tuple(reagents.split(";")), tuple(above.split(";")),
                           tuple(below.split(";")), after, besides, before.startswith("<=>")))
    return tuple(result)


@dataclass(frozen=True)
class SchoolSource:
    """A random source of targets of school chemistry: a line in its several kinds, or a structure alone.

    slips: of the lines have one slip, of those the same share a second one, and so on.
    """

    slips: float = SLIPS

    def __call__(self, rng: random.Random) -> str:
        """A line's target; OptionError if none can be drawn, which does not happen."""
        for _ in range(TRIES):
            try:
                return to_target(line(rng, self.slips))
            except NotationError:  # a structure that would be drawn over itself
                continue
        raise OptionError(f"none of {TRIES} lines could be drawn")


def line(rng: random.Random, slips: float = SLIPS) -> Scheme:
    """A random line; NotationError for one whose atoms lie over each other. slips: as SchoolSource's."""
    make = rng.choices((_reaction, _flow, _equation, _exchange, _alone), (46, 12, 16, 6, 20))[0]
    parts = make(rng)
    if len(parts) > 2 and rng.random() < 0.04:  # the product is left out
        parts = parts[:max(i for i, part in enumerate(parts) if isinstance(part, Arrow)) + 1]
    while rng.random() < slips:
        parts = slipped(parts, rng)
    if rng.random() < 0.12:
        number = rng.choice(NUMBERS).format(rng.randint(1, 9)) if rng.random() < 0.7 else rng.choice("①②③④⑤⑥")
        parts = [_before(number, parts[0]), *parts[1:]]
    if isinstance(parts[-1], Drawing) and rng.random() < 0.03:
        parts = [*parts[:-1], _behind(parts[-1], ".")]
    return Scheme(tuple(parts))


# ---- slips


def slipped(parts: Sequence[Part], rng: random.Random) -> list[Part]:
    """A line with one slip: another digit, element or condition, or something left out; as it is where none fits."""
    at, changed = rng.randrange(len(parts)), list(parts)
    part = parts[at]
    if isinstance(part, Plus):
        return [*parts[:at], *parts[at + 2:]] if rng.random() < 0.5 and len(parts) > 3 else changed
    if isinstance(part, Arrow):
        changed[at] = _otherwise(part, rng)
        return changed
    written = [number for number, atom in enumerate(part.atoms) if PIECE.search(atom.text)]
    if written:
        number, atoms = rng.choice(written), list(part.atoms)
        atoms[number] = replace(atoms[number], text=_misspelled(atoms[number].text, rng))
        changed[at] = replace(part, atoms=tuple(atoms))
    return changed


def _otherwise(arrow: Arrow, rng: random.Random) -> Arrow:
    """Other conditions, fewer, or those of both sides exchanged."""
    if (arrow.above or arrow.below) and rng.random() < 0.4:
        return Arrow(arrow.kind, arrow.below, rng.choice((arrow.above, ())))
    other = _words(rng.choice([word for fate in fates() for word in (*fate.above, *fate.below) if word]))
    return Arrow(arrow.kind, *rng.choice(((other, arrow.below), (arrow.above, other))))


def _misspelled(text: str, rng: random.Random) -> str:
    """One digit or element of an atom's text is another one, or a digit is left out."""
    found = rng.choice(list(PIECE.finditer(text)))
    new = rng.choice(ELEMENTS) if found[0][0].isalpha() else rng.choice(("", "2", "3", "4", "5", "6", "7"))
    changed = text[:found.start()] + new + text[found.end():]
    return texts.canonical(changed) if PIECE.search(changed) else text


# ---- the kinds of lines


def _reaction(rng: random.Random) -> list[Part]:
    """What becomes of a group of a random molecule."""
    fate = rng.choice(fates())
    host = _host(rng, fate.before, fate.after)
    after = host(fate.after) if rng.random() < 0.85 else _host_again(host, rng)(fate.after)
    reagent = rng.choice(fate.reagents)
    count = 2 if reagent == "O2" and fate.besides == "H2O" and rng.random() < 0.6 else 1
    besides = "2H2O" if count == 2 else fate.besides
    over = reagent and rng.random() < 0.18  # written at the arrow instead
    parts: list[Part] = [_counted(host(fate.before), count)]
    if reagent and not over:
        parts += _sum(reagent, rng, first=True)
    arrow = _arrow(fate, rng, reagent if over else "")
    product: list[Part] = [_counted(after, count)]
    left_out = rng.random() < (0.7 if over else 0.1)
    others = [] if left_out or not besides else _sum(besides, rng, first=True)
    if others and rng.random() < 0.12:  # the small ones first
        product = [*others[1:], Plus(), *product]
    else:
        product += others
    if rng.random() < 0.05 and len(parts) > 1:
        parts = [*parts[2:], Plus(), parts[0]]
    return [*parts, arrow, *product]


def _flow(rng: random.Random) -> list[Part]:
    """Several steps, their reagents at the arrows."""
    fate = rng.choice(fates())
    host = _host(rng, fate.before, fate.after)
    parts: list[Part] = [host(fate.before)]
    for _ in range(rng.choice((2, 2, 3))):
        parts += [_arrow(fate, rng, rng.choice(fate.reagents)), host(fate.after)]
        following = [other for other in fates() if other.before == fate.after and other.after]
        if not following:
            break
        fate = rng.choice(following)
    return parts


def _equation(rng: random.Random) -> list[Part]:
    """One of the table of whole equations."""
    text = rng.choice(EQUATIONS.strip().split("\n"))
    left, conditions, right = text.split("|")[:3]
    manner, circled, seed = _manner(rng)
    kind = ArrowKind.EQUILIBRIUM if right.startswith("<=>") or (
        "H2O" in right and "C[=O]-O" in right and rng.random() < 0.5) else ArrowKind.RIGHT
    chosen = rng.choice(conditions.split(";"))
    below = rng.choice(("", "△", "△", "加热")) if "浓" in chosen or rng.random() < 0.25 else ""
    if below and "△" in chosen:
        below = ""

    def side(items: str) -> list[Part]:
        result: list[Part] = []
        for item in items.split(" + "):
            result += [*([Plus()] if result else []), _item(item, manner, circled, seed, rng)]
        return result

    return [*side(left), Arrow(kind, _words(chosen), _words(below)), *side(right.removeprefix("<=>"))]


def _exchange(rng: random.Random) -> list[Part]:
    """Two compounds exchange their ions; acids, bases and salts with their factors."""
    (a, x), (b, y) = ((rng.choice(list(CATIONS)), rng.choice(list(ANIONS))) for _ in range(2))
    if a == b or x == y or {(a, x), (b, y), (a, y), (b, x)} & UNKNOWN:
        raise NotationError("nothing would happen, or what is no compound: take other ions")
    p, q, r, s = CATIONS[a], ANIONS[x], CATIONS[b], ANIONS[y]
    # of ions, a: i, x: j, b: k, y: l; all charges are balanced where i p = j q = k r = l s
    total = _multiple(_multiple(p, q), _multiple(r, s))
    factors = [total // _multiple(*pair) for pair in ((p, q), (r, s), (p, s), (r, q))]
    common = gcd(gcd(factors[0], factors[1]), gcd(factors[2], factors[3]))
    salts = [(a, x), (b, y), (a, y), (b, x)]
    words = []
    for number, ((cation, anion), factor) in enumerate(zip(salts, factors, strict=True)):
        word = formula(cation, anion)
        if number > 1 and rng.random() < 0.7 and (cation, anion) in SOLID:
            word += "↓"
        words.append((str(factor // common) if factor > common else "") + word)
    return [*_sum(words[0], rng), Plus(), *_sum(words[1], rng), Arrow(), *_sum(words[2], rng), Plus(),
            *_sum(words[3], rng)]


def _alone(rng: random.Random) -> list[Part]:
    """A structure by itself, or two in a row."""
    def one() -> Drawing:
        group = rng.choice([fate.before or "H" for fate in fates()])
        return _host(rng, "" if group == "H" else group, "")("" if group == "H" else group)
    first = one()
    return [beside([first, one()])] if rng.random() < 0.06 else [first]


# ---- what stands in a line


def formula(cation: str, anion: str) -> str:
    """Two ions -> the formula of their compound: H and OH -> H2O, Ca and OH -> Ca(OH)2, Na and CH3COO -> CH3COONa."""
    if (cation, anion) == ("H", "OH"):
        return "H2O"
    common = _multiple(CATIONS[cation], ANIONS[anion])
    n, m = common // CATIONS[cation], common // ANIONS[anion]

    def times(ion: str, count: int, complex_: bool) -> str:
        return ion if count == 1 else f"({ion}){count}" if complex_ else f"{ion}{count}"

    ions = times(cation, n, cation == "NH4"), times(anion, m, len(anion) > 2 or anion == "OH")
    return ions[1] + ions[0] if anion == "CH3COO" else ions[0] + ions[1]


def _multiple(a: int, b: int) -> int:
    return a * b // gcd(a, b)


def _manner(rng: random.Random) -> tuple[str, bool, int]:
    """How groups are written, whether benzene has a circle, and the seed of the layout."""
    manner = rng.choices(("label", "letters", "bare"), (50, 28, 22))[0]
    return manner, rng.random() < 0.62, rng.getrandbits(32)


class _Host:
    """A molecule with a site that a group is put at; drawn alike whatever the group is."""

    def __init__(self, rng: random.Random, ringed: bool):
        self.manner, self.circled, self.seed = _manner(rng)
        self.stem = ""
        self.frame = FRAMES["benzene"]
        self.groups: list[tuple[int, str]] = []
        if ringed:
            kinds = ("benzene",) * 26 + ("naphthalene", "pyridine", "furan", "thiophene", "dioxole", "cyclohexane",
                                         "cyclohexane", "cyclopentane", "cyclohexene", "cyclobutane", "pyrimidine",
                                         "oxane", "piperidine")
            self.frame = FRAMES[rng.choice(kinds)]
            for _ in range(rng.choices((0, 1, 2, 3), (42, 36, 16, 6))[0]):
                self.groups.append((rng.randrange(6), rng.choice(BESIDE)))
        elif rng.random() < 0.2:
            self.stem = rng.choice(WORDS)
        else:
            self.stem = rng.choice(STEMS)

    def __call__(self, group: str) -> Drawing:
        if not self.stem:
            return substituted(self.frame, self.groups, self.manner, self.circled, self.seed, group)
        rng = random.Random(self.seed)
        if not self.stem.endswith("-"):
            if not any(c in group for c in "=#"):
                return _word(self.stem + group)
            stem = self.stem + "-"
        else:
            stem = self.stem
        sketch = Sketch()
        upright = rng.random() < 0.08 and not stem.startswith(".")
        manner = "bare" if stem.startswith(".") else "letters" if self.manner == "bare" else self.manner
        sketch.begin(parsed(stem + spelled(group or "H", manner, rng)), rng, 270.0 if upright else 0.0)
        return sketch.drawing()


def _host(rng: random.Random, *groups: str) -> _Host:
    """Somewhere for groups to be at: hydrogens, phenols and the like stand at benzene rings."""
    return _Host(rng, "" in groups or rng.random() < 0.78)


def _host_again(host: _Host, rng: random.Random) -> _Host:
    """The same molecule, drawn in another position."""
    host.seed = rng.getrandbits(32)
    return host


def _item(item: str, manner: str, circled: bool, seed: int, rng: random.Random) -> Drawing:
    """An item of the table of equations: factor, chain, ring or word, and the arrow of a gas or a precipitate."""
    mark = item[-1] if item[-1] in "↑↓" else ""
    item = item.removesuffix(mark) if mark else item
    at = next((i for i, c in enumerate(item) if c in "{%"), -1)
    if at < 0 or item[at - 1:at] == "(":
        return _word(item + (mark if rng.random() < 0.7 else ""))
    factor, body = item[:at], item[at:]
    if body[0] == "{":
        sketch, layout = Sketch(), random.Random(seed)
        chain = body[1:-1]
        sketch.begin(parsed(chain), layout, 270.0 if chain.count("-") < 6 and layout.random() < 0.15
                     and not chain.startswith(".") else 0.0)
        drawing = sketch.drawing()
    elif body == "%dioxane":
        drawing = _dioxanedione(seed)
    else:
        name, _, groups = body[1:].rstrip(")").partition("(")
        places = (0, 1, 5, 3) if "," in groups else (0,)
        hung = [(places[i], group) for i, group in enumerate(filter(None, groups.split(",")))]
        drawing = substituted(FRAMES[name], hung, manner, circled, seed)
    drawing = _counted(drawing, factor)
    return _behind(drawing, mark) if mark and rng.random() < 0.6 else drawing


def _dioxanedione(seed: int) -> Drawing:
    """The ring of oxalic acid and glycol."""
    ring = Frame(("O", "", "", "O", "", ""))
    return substituted(ring, ((0, "=O"), (1, "=O")), "label", False, seed)


def _counted(drawing: Drawing, count: int | str) -> Drawing:
    """A structure with its factor, which is a component of its own."""
    return drawing if count in (1, "") else _before(str(count), drawing)


def _before(text: str, part: Part) -> Part:
    """A number or factor in front: part of a word, or a component beside a structure."""
    if not isinstance(part, Drawing):
        raise NotationError("a line begins with a structure or a word")
    first = part.atoms[0]
    if len(part.atoms) == 1:
        return Drawing((Atom(texts.canonical(text + first.text), 0.0, 0.0),))
    return beside([_word(text), part])


def _behind(drawing: Drawing, text: str) -> Drawing:
    if len(drawing.atoms) == 1:
        return _word(drawing.atoms[0].text + text)
    return beside([drawing, _word(text)])


def _word(text: str) -> Drawing:
    return Drawing((Atom(texts.canonical(text), 0.0, 0.0),))


def _words(text: str) -> tuple[Drawing, ...]:
    return (_word(text),) if text else ()


def _sum(items: str, rng: random.Random, first: bool = False) -> list[Part]:
    """`Cu2O + 3H2O` -> its words with plus signs between, and before the first; arrows of gases are often forgotten."""
    result: list[Part] = []
    for item in items.split(" + "):
        if "=" in item:
            sketch = Sketch()
            sketch.begin(parsed(item), rng)
            drawing = sketch.drawing()
        else:
            drawing = _word(item.rstrip("↑↓") if rng.random() < 0.4 else item)
        result += [*([Plus()] if result or first else []), drawing]
    return result


def _arrow(fate: Fate, rng: random.Random, reagent: str = "") -> Arrow:
    """The arrow with reagents and conditions; each may be missing, or stand on the other side."""
    above, below = rng.choice(fate.above), rng.choice(fate.below)
    if rng.random() < 0.06:
        above, below = "", rng.choice(("", "△", "一定条件"))
    if "△" in (above, below) and rng.random() < 0.1:
        above, below = above.replace("△", "加热"), below.replace("△", "加热")
    if reagent:
        joined = rng.choice((reagent, f"{reagent}/{above}" if above else reagent,
                             f"{reagent}、{above}" if above else reagent))
        above, below = (joined, below) if joined != reagent or not above else (reagent, above)
    elif rng.random() < 0.06:
        above, below = below, above
    kind = ArrowKind.RIGHT
    if fate.equilibrium and rng.random() < 0.7:
        kind = ArrowKind.EQUILIBRIUM
    return Arrow(kind, _words(above), _words(below))


def drawn_words() -> Sequence[str]:
    """All conditions and reagents that the table has, for tests."""
    return sorted({word for fate in fates() for side in (fate.reagents, fate.above, fate.below) for word in side})
