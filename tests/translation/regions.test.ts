import { describe, expect, it } from '@jest/globals'
import { untranslatable } from '../../translation/regions'

const stage = { region: 'eu-central-1', translateRegion: '', sourceLanguage: 'auto' }

it.each(['us-east-1', 'eu-central-1', 'us-gov-west-1', 'us-iso-east-1'])('a stage in %s can translate', (region) => {
  expect(untranslatable({ ...stage, region })).toBeUndefined()
})

it.each([
  ['eu-central-2', 'eu-central-1'],
  ['sa-east-1', 'us-east-1'],
  ['us-gov-east-1', 'us-gov-west-1'],
])('a stage in %s is refused with a hint to %s', (region, elsewhere) => {
  expect(untranslatable({ ...stage, region })).toContain(
    `is not available in ${region} (October 2026). Set the param "translateRegion" to a region that has it, such as ${elsewhere}.`,
  )
  expect(untranslatable({ ...stage, region, translateRegion: elsewhere })).toBeUndefined()
})

it.each(['cn-north-1', 'cn-northwest-1', 'us-isob-east-1', 'eusc-de-east-1'])(
  'a stage in %s is refused, as its partition has no Translate, unless it sets translateRegion',
  (region) => {
    expect(untranslatable({ ...stage, region })).toMatch(/nor in any other region of its partition/)
    expect(untranslatable({ ...stage, region, translateRegion: region })).toBeUndefined()
  },
)

describe.each(['us-west-1', 'eu-north-1', 'eu-west-3', 'ap-east-1'])(
  'a stage in %s, which lacks Amazon Comprehend,',
  (region) => {
    it('cannot detect languages, and the message names both settings that help', () => {
      expect(untranslatable({ ...stage, region })).toMatch(
        /cannot detect the language .* "translateRegion" to a region that has both, such as \S+, or "sourceLanguage"/,
      )
      expect(untranslatable({ ...stage, translateRegion: region })).toMatch(/cannot detect the language/)
    })

    it('can translate from a configured source language', () => {
      expect(untranslatable({ ...stage, region, sourceLanguage: 'en' })).toBeUndefined()
    })
  },
)

it('a stage cannot call Amazon Translate in another partition', () => {
  expect(untranslatable({ ...stage, region: 'cn-north-1', translateRegion: 'us-east-1' })).toMatch(
    /is "us-east-1", where the credentials of a stage in cn-north-1 are not valid\. Expected .* such as cn-north-1\./,
  )
})

it('an invalid param is refused with the expected value', () => {
  expect(untranslatable({ ...stage, translateRegion: 'Frankfurt' })).toBe(
    'Expected the param "translateRegion" to be the code of a region, such as eu-central-1, got "Frankfurt".',
  )
  expect(untranslatable({ ...stage, sourceLanguage: 'English' })).toBe(
    'Expected the param "sourceLanguage" to be "auto" or the code of a language, such as "en", got "English".',
  )
})

it.each(['zh-TW', 'fr'])('a stage may have the source language %s', (sourceLanguage) => {
  expect(untranslatable({ ...stage, sourceLanguage })).toBeUndefined()
})
