"""The words of column names that are known, in English and German: more of a kind go into its list."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BATCHES = _words("ansatz ansätze batch batches blk block blocks charge chargen los lose lot lots partie ロット 批次")
"""What several rows have in common."""

SAMPLES = _words(
    """
    assessor judge muster musters obs observation observations panelist panellist participant proband probe probekörper
    proben prüfkörper prüfling respondent sample samples smp spec specimen specimens échantillon muestra campione próbka
    试样 試料
    """
)
"""What was measured."""

RUNS = _words(
    """
    durchlauf ensayo essai exp experiment experimente experiments expt fortlaufende iteration lauf laufende lfd
    measurement measurements mess messung messungen prova próby prüf prüfung run runs seq sequence test tests trial
    trials versuch versuche versuchs
    """
)
"""What was done, one after the other."""

REPLICATES = _words(
    """
    duplicate parallelprobe rep repeat replica replicate replicates replication replikat reps wdh wiederhol wiederholung
    wiederholungen wiederholungs
    """
)
"""What was done again."""

NAMELESS = _words("column unnamed")
"""What readers call a column without a name."""

DESIGN = _words("datensatz entry pattern pt record row rows std zeile")
"""The place of a row in a design or in a file."""

COUNTED = _words(
    """
    animal artikel auftrag auftrags barrel bauteil bestell billet bottle build campaign case casting coil coupon
    customer design device employee file film formulation heat house ingot item job kampagne kunde kunden lab labor
    material melt mischung mix panel part patient piece plate platte plot point product property recipe ref reference
    rezept rezeptur roll rolle schmelze sensor serial serie serien sheet slab station subject teil teile transaction
    tray tube unique vehicle vial wafer
    """
)
"""What may be counted, but is as often something that was set: a label beside one of NUMBERS, or counted through."""

NUMBERS = _words(
    """
    # barcode bezeichnung code guid id identifier ids idx index kennung kennzeichen key label name names no nr nro num
    number nummer numer numéro order reihenfolge sku uid uuid zähler 番号 编号
    """
)
"""What makes a number of it."""

IDS = _words("guid id identifier ids sku uid uuid")
"""What ends the name of whatever has an identity, also of things that nobody listed."""

DATES = _words("date datetime datum messdatum prüfdatum stamp timestamp uhrzeit zeitpunkt zeitstempel")
"""When it was."""

COMMENTS = _words(
    """
    anmerkung anmerkungen bemerkung bemerkungen beschreibung comment comments description hinweis hinweise kommentar
    kommentare note notes notiz notizen observation observations remark remarks
    """
)
"""What was written beside a row in free words."""

AMBIGUOUS = _words(
    """
    charge iteration lauf los lose measurement measurements messung pattern probe pt reps spec test tests
    """
)
"""Words of labels that also name something set: an electric charge, a probe's kind, a test's load, platinum."""

FILLERS = _words("der des die for internal of the")
"""What stands between."""

OUTCOMES = _words(
    """
    abrieb absorbance absorption abweichung acceptability acceptance activity adhesion aktivität akzeptanz antwort
    ausbeute ausbreitmaß ausfallrate ausschuss ausschussquote ausschuß bewertung biogas biomass biomasse breakage
    brightness brix bruchdehnung bruchlast burr burst byproduct cfu charpy chewiness churn clarity clicks coating
    complaints compressive conductivity consumption conversion conversions crack cracking cracks creep crispness
    crystallinity cs cte defect defects deflection degradation demand deviation dilution dissolution downtime ductility
    durchsatz ec ee efficiency effizienz elongation emission emissionen emissions ergebnis erlös error ertrag erträge
    etch ewr failure failures faradaic fatigue fehlerquote fehlerrate festigkeit fines flatness flavor flavour flexural
    foam foisonnement friability germination geschmack gewinn glanz gloss haerte haftung hardness haze hb hedonic hhv
    hrb hrc hv härte ic ilss impedance impurities impurity inhibition kappa kerbschlag kerbschlagarbeit
    kic kornertrag kpi label leakage leitfähigkeit lifetime liking loss losses methane mfi mfr mic miete modul modulus
    mortality mpg mrr mvr note nox od oee opacity outcome overrun performance permeability porosity porosität
    productivity profit purity quality qualität ra rating rauheit rauhigkeit rauigkeit raumzeitausbeute recovery
    reduction reflectance reinheit reinheitsgrad reißlänge rejection rejects reklamationen release removal rendement
    rendimiento rent residue resistenza resistivity resolution response responses result results retention returns
    revenue rework roughness rz sa sales satisfaction schlagzähigkeit schrumpfung schwindung schwund score scrap
    selectivity selektivitaet selektivität shore shrinkage signal slump solubility springback springiness stain
    stickiness stiffness strength survival swelling target taste tear tenacity tensile tg throughput titer titre tof
    toughness transmittance ts tss turnover twr umsatz uniformity uts verbrauch verformung verlust verluste verschleiß
    verzug viscosity viskosität warpage warping wasseraufnahme wear whiteness wiederfindung wirkungsgrad workability
    wydajność y yield yields ys zielgrösse zielgröße zielwert zufriedenheit zähigkeit 収率 収量 強度 强度 收率 硬度
    """
)
"""What is measured: of anything, of reactions, materials, processes, food, fields and businesses."""

MAYBE_OUTCOMES = _words(
    """
    accuracy bod co co2 coating cod cohesion color colour corrosion cost costs csb d50 dehnung delta density deposition
    dichte energie energy feuchtegehalt film gain gewicht growth kaufpreis kosten life moisture noise output particle
    preis price resistance restfeuchte rohdichte schichtdicke size span stability stabilität stress thickness trübung
    turbidity verkaufspreis weight
    """
)
"""What is measured more often than set."""

COSTS = _words("cost costs kosten")
"""What follows from the settings."""

SPREADS = _words("dev std sd stdev stddev stdabw standardabweichung se sem variance varianz cv rsd")
"""What is said beside a mean of what was measured."""

MEANS = _words("mean average avg durchschnitt mittelwert mittel median")
"""What is alone the name of an outcome."""

SETTINGS = _words(
    """
    additiv additive ads age aggregate agitation alter amount angle anteil area ash base bathrooms baujahr bed bedrooms
    beladung bindemittel binder black breite budget carbon catalyst cement conc concentration content current cycles
    dauer day days depth dicke discount distance dosage dose dosierung drehzahl druck duration dünger equiv feed
    fertilizer filler fließmittel flour flow fläche form frequency frequenz füllstoff gap gehalt geschwindigkeit
    hardener harz hatch hefe height hour hours humidity härter infill initiator intensity irrigation katalysator kies
    konzentration laser layer length ligand load loading lot lösungsmittel mehl menge minutes nitrogen nozzle p ph
    polymer power pressure rabatt rainfall rate ratio resin rooms rpm rührer salt salz sand setpoint size slag soll
    solvent spacing spannung speed starch stickstoff stirring stock stroke strom stunden sugar superplasticizer supply t
    tage temp temperatur temperature thickness tiefe time tool verhältnis voltage vorschub wasser water
    width winkel wohnfläche x year yeast zeit zement zimmer zucker
    """
)
"""What is set more often than measured."""

SET_BEFORE = _words(
    """
    aggregate anfangs cement eingang feed incoming initial inlet input laser nominal planned prior raw rohstoff set
    setpoint soll start supplier target zement
    """
)
"""Words that make a setting of the outcome after them: a target strength, a feed's purity."""

AFTER = _words("actual ausgang final gemessen gemessene ist measured outlet product residual rest")
"""Words that make an outcome of what stands beside them."""

NEUTRAL = _words(
    """
    actual average avg calculated final gesamt index max mean measured median mittel mittelwert mw normalized pct peak
    percent rate specific total ultimate value values wert
    """
)
"""Words that anything may have, and that say nothing alone."""

UNIT_WORDS = _words(
    """
    % c d day days eur euro g gpa gu h hours hr k kg kn l mg min ml mm mol mpa mpas n nm ppm s sec tage tagen um usd vol
    wt µm
    """
)
"""Units at the end of a name without brackets."""

DAYS = _words("d day days h tag tage")
"""Units of the age at which something was measured."""

TIMES = _words(
    """
    age alter cycle cycles day days hour hours hrs min minute minutes monate month months stunden tag tage time week
    weeks wochen zeit
    """
)
"""Names of a time."""

TIME_UNITS = _words("a d day days h hour hours hr hrs min mins minute minutes month months s sec tag tage week weeks")
"""Units of time."""

OUTCOME_UNITS = _words(
    """
    $ cp eur g/l/h gpa gu hb hrc hv j/m kg/ha kj/m2 kj/m² kpsi ksi mg/ml mpa mpa*s mpas mpa·s ms/cm n/mm2 n/mm² ntu s/cm
    t/ha usd €
    """
)
"""Units of what is measured."""

SETTING_UNITS = _words(
    """
    1/min a bar c degc eq equiv h hr hrs hz k kg/m3 kg/m³ l/h l/min m/min mbar min ml/min mm/min mm/s mol% rpm s sec
    u/min v w °c °f
    """
)
"""Units of what is set."""

OUTCOME_ENDS = ("festigkeit", "ausbeute", "härte", "rauheit", "verlust", "ertrag", "umsatz", "verschleiß", "verbrauch")
"""Ends of German compounds that are outcomes."""

SETTING_ENDS = ("temperatur", "zeit", "druck", "geschwindigkeit", "drehzahl", "menge", "dauer", "gehalt", "anteil")
"""Ends of German compounds that are settings."""

CARRIERS = _words(
    """
    amount anzahl area content count density depth dicke energy force gehalt height höhe length level life menge number
    size temperature thickness time volume width zahl
    """
)
"""Words that are whatever the known word before them is: a layer's height is set, a foam's is measured."""
