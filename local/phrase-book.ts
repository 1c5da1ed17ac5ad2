/** The phrases that the stand-in for Amazon Translate can translate: everyday chat, idiomatic in each language. */
export const phraseLanguages = ['en', 'fr', 'de'] as const

type Phrase = Readonly<Record<(typeof phraseLanguages)[number], string>>

const phrases: readonly Phrase[] = [
  { en: 'Good morning', fr: 'Bonjour', de: 'Guten Morgen' },
  { en: 'Good evening', fr: 'Bonsoir', de: 'Guten Abend' },
  { en: 'Good night', fr: 'Bonne nuit', de: 'Gute Nacht' },
  { en: 'Hello', fr: 'Salut', de: 'Hallo' },
  { en: 'Hello everyone', fr: 'Bonjour à tous', de: 'Hallo zusammen' },
  { en: 'Welcome', fr: 'Bienvenue', de: 'Willkommen' },
  { en: 'How are you?', fr: 'Comment allez-vous ?', de: 'Wie geht es dir?' },
  { en: 'I am fine, thank you', fr: 'Je vais bien, merci', de: 'Mir geht es gut, danke' },
  { en: 'And you?', fr: 'Et vous ?', de: 'Und dir?' },
  { en: 'Nice to meet you', fr: 'Enchanté de faire votre connaissance', de: 'Freut mich, dich kennenzulernen' },
  { en: 'What is your name?', fr: 'Comment vous appelez-vous ?', de: 'Wie heißt du?' },
  { en: 'Where are you from?', fr: "D'où venez-vous ?", de: 'Woher kommst du?' },
  { en: 'Please', fr: "S'il vous plaît", de: 'Bitte' },
  { en: 'Thank you', fr: 'Merci', de: 'Danke' },
  { en: 'Thank you very much', fr: 'Merci beaucoup', de: 'Vielen Dank' },
  { en: 'You are welcome', fr: 'De rien', de: 'Gern geschehen' },
  { en: 'Excuse me', fr: 'Excusez-moi', de: 'Entschuldigung' },
  { en: 'I am sorry', fr: 'Je suis désolé', de: 'Es tut mir leid' },
  { en: 'No problem', fr: 'Pas de problème', de: 'Kein Problem' },
  { en: 'Yes', fr: 'Oui', de: 'Ja' },
  { en: 'No', fr: 'Non', de: 'Nein' },
  { en: 'Maybe', fr: 'Peut-être', de: 'Vielleicht' },
  { en: 'Of course', fr: 'Bien sûr', de: 'Natürlich' },
  { en: 'I agree', fr: "Je suis d'accord", de: 'Ich bin einverstanden' },
  { en: 'I do not know', fr: 'Je ne sais pas', de: 'Ich weiß es nicht' },
  { en: 'I do not understand', fr: 'Je ne comprends pas', de: 'Ich verstehe nicht' },
  { en: 'Can you help me?', fr: "Pouvez-vous m'aider ?", de: 'Kannst du mir helfen?' },
  { en: 'Can you repeat that?', fr: 'Pouvez-vous répéter ?', de: 'Kannst du das wiederholen?' },
  { en: 'Do you speak English?', fr: 'Parlez-vous anglais ?', de: 'Sprichst du Englisch?' },
  { en: 'What time is it?', fr: 'Quelle heure est-il ?', de: 'Wie spät ist es?' },
  { en: 'Where are you?', fr: 'Où êtes-vous ?', de: 'Wo bist du?' },
  { en: 'I am on my way', fr: 'Je suis en route', de: 'Ich bin unterwegs' },
  { en: 'I am late', fr: 'Je suis en retard', de: 'Ich bin spät dran' },
  { en: 'One moment, please', fr: "Un instant, s'il vous plaît", de: 'Einen Moment, bitte' },
  { en: 'What is new?', fr: 'Quoi de neuf ?', de: 'Was gibt es Neues?' },
  { en: 'Congratulations', fr: 'Félicitations', de: 'Herzlichen Glückwunsch' },
  { en: 'Happy birthday', fr: 'Joyeux anniversaire', de: 'Alles Gute zum Geburtstag' },
  { en: 'Good luck', fr: 'Bonne chance', de: 'Viel Glück' },
  { en: 'Have a nice day', fr: 'Bonne journée', de: 'Einen schönen Tag noch' },
  { en: 'Enjoy your meal', fr: 'Bon appétit', de: 'Guten Appetit' },
  { en: 'See you tomorrow', fr: 'À demain', de: 'Bis morgen' },
  { en: 'See you soon', fr: 'À bientôt', de: 'Bis bald' },
  { en: 'Goodbye', fr: 'Au revoir', de: 'Auf Wiedersehen' },
]

const index = new Map(
  phraseLanguages.map((language) => [
    language as string,
    new Map(phrases.map((phrase) => [normalise(phrase[language]), phrase])),
  ]),
)

/**
 * Finds the phrase that reads `text` in `language`; undefined if there is none. Ignores case, white space and
 * punctuation at the end.
 */
export function findPhrase(text: string, language: string): Phrase | undefined {
  return index.get(language)?.get(normalise(text))
}

function normalise(text: string): string {
  return text
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/\s+/gu, ' ')
    .replace(/[\s.!?…]+$/u, '')
    .trim()
}
