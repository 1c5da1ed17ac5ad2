import { knownLanguages, languageName } from '../languages'

interface LanguagePickerProps {
  readonly picked: readonly string[]
  readonly onPick: (languages: readonly string[]) => void
}

/** Selects the translations to show. If none is selected, messages are shown only as written. */
export function LanguagePicker({ picked, onPick }: LanguagePickerProps) {
  return (
    <fieldset className="languages">
      <legend className="unseen">Translations to show</legend>
      {knownLanguages.map((language) => (
        <label key={language}>
          <input
            type="checkbox"
            checked={picked.includes(language)}
            onChange={({ target }) => {
              onPick(knownLanguages.filter((other) => (other === language ? target.checked : picked.includes(other))))
            }}
          />
          <span>{languageName(language)}</span>
        </label>
      ))}
    </fieldset>
  )
}
