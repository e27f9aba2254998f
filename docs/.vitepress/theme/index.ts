import DefaultTheme from 'vitepress/theme'
// oxlint-disable-next-line import/no-unassigned-import -- it styles
import './pages.css'

export default DefaultTheme
